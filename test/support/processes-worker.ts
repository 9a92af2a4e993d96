import {
  abortAllDurableObjects,
  evictDurableObject,
  reset,
  runInDurableObject,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { takeBegun } from './begun-objects.ts'

/** Ends the processes of all objects in the middle of what they do. What is stored stays. */
export const endAll = abortAllDurableObjects
/** Ends the process of one object, when it has answered. What is stored stays. */
export const endOne = evictDurableObject

/** The caches that the router opens. */
const CACHES = ['portolan', 'portolan-answers']

/**
 * Leaves nothing stored, and no object with a process or an alarm. The runtime's own `reset` passes over what is stored
 * of objects that have no process, of which its stores and its cache are made as well; and what goes on behind the
 * last answer of an object may be stored after it. So all ends first, and what was ever used begins anew, to do nothing.
 */
export async function emptyAll(): Promise<void> {
  await endAll()
  const begun = takeBegun().map(({ binding, id }) =>
    runInDurableObject(env[binding].get(id), () => {}),
  )
  const stores = [env.SNAPSHOTS.list(), env.CACHE.list()]
  await Promise.all([...begun, ...stores, ...CACHES.map(touch)])
  await reset()
  takeBegun()
}

async function touch(name: string): Promise<void> {
  const cache = await caches.open(name)
  await cache.match('https://nothing.example.com/')
}
