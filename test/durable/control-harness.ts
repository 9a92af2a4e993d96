import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { Control } from '../../durable/control.ts'
import { createControlClient } from '../../durable/control-methods.ts'
import type { Called } from '../../durable/client.ts'
import { SNAPSHOT_KEY } from '../../src/env.ts'
import type { SnapshotDocument } from '../../src/schema/snapshot.ts'

export const control = createControlClient(env, 20_000)

export const controlStub = () => env.CONTROL.get(env.CONTROL.idFromName('control'))

/** The value of a call that must have one. */
export function valueOf<Value>(called: Called<Value>): Value {
  if (!called.ok) throw new Error(`${called.error.kind}: ${called.error.message}`)
  return called.value
}

/** A small configuration that differs by its weight. */
export function configOf(weight: number) {
  return { pools: { us: { origins: { 'us-1': { url: 'https://us-1.example.com', weight } } } } }
}

export async function put(authored: unknown) {
  return valueOf(await control.call('put', { authored }))
}

/** The published document, past every cache. */
export async function readPublished(): Promise<SnapshotDocument | null> {
  return env.SNAPSHOTS.get<SnapshotDocument>(SNAPSHOT_KEY, 'json')
}

/** What stands where the object sees its store, until it is evicted. */
export async function replaceStore(store: Partial<KVNamespace>): Promise<void> {
  await runInDurableObject(controlStub(), (object: Control) => {
    // A private field, and the one place where a fault of KV can be put in.
    const inner = object as unknown as { snapshots: KVNamespace }
    const { snapshots } = inner
    inner.snapshots = {
      put: snapshots.put.bind(snapshots),
      getWithMetadata: snapshots.getWithMetadata.bind(snapshots),
      ...store,
    } as KVNamespace
  })
}

/** Takes the fault away again. */
export async function restoreStore(): Promise<void> {
  const { SNAPSHOTS: store } = env
  await replaceStore({
    put: store.put.bind(store),
    getWithMetadata: store.getWithMetadata.bind(store),
  })
}
