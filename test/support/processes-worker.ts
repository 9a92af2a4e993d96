import {
  abortAllDurableObjects,
  evictDurableObject,
  listDurableObjectIds,
  reset,
  runInDurableObject,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'

/** The runtime ends the process of an object that is idle for ten seconds. */
const IDLE_MS = 8000

/** Whether an object may have no process. */
let areSomeEnded = false
let emptiedAtMs = performance.now()

/** Ends the processes of all objects in the middle of what they do. What is stored stays. */
export async function endAll(): Promise<void> {
  areSomeEnded = true
  await abortAllDurableObjects()
}

/** Ends the process of one object, when it has answered. What is stored stays. */
export async function endOne(object: DurableObjectStub): Promise<void> {
  areSomeEnded = true
  await evictDurableObject(object)
}

/**
 * Leaves no object with a process, anything stored or an alarm. The runtime's own `reset` passes over what is stored
 * of objects that have no process: they begin before it.
 */
export async function emptyAll(): Promise<void> {
  if (areSomeEnded || performance.now() - emptiedAtMs > IDLE_MS) await beginAll()
  await reset()
  areSomeEnded = false
  emptiedAtMs = performance.now()
}

async function beginAll(): Promise<void> {
  const { CONTROL, LIMITER, ORIGIN, PROBER, SESSIONS, SHIELD, ZONES } = env
  const namespaces = [CONTROL, LIMITER, ORIGIN, PROBER, SESSIONS, SHIELD, ZONES]
  const begun = namespaces.map(async (namespace) => {
    const ids = await listDurableObjectIds(namespace)
    await Promise.all(ids.map((id) => runInDurableObject(namespace.get(id), () => {})))
  })
  await Promise.all(begun)
}
