import { runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { openStateStore, type Stored } from '../../durable/state-store.ts'
import { emptyAll } from '../support/processes-worker.ts'
import { controlStub } from './control-harness.ts'

const State = z.strictObject({
  log: z.strictObject({ count: z.int() }),
  entries: z.record(z.string(), z.string()),
  seen: z.record(z.string(), z.int()),
  // A field that a release before this one did not have.
  added: z.strictObject({ at: z.int() }),
})
type State = z.output<typeof State>

const initial: State = { log: { count: 0 }, entries: {}, seen: {}, added: { at: 7 } }
const stored: Stored<State> = {
  schema: State,
  initial,
  tables: ['entries'],
  volatile: ['seen'],
  heir: 'log',
}

/** Storage of an object, with a count of what was written to it. */
async function withStorage(work: (storage: DurableObjectStorage) => void): Promise<void> {
  await runInDurableObject(controlStub(), (_object, { storage }) => work(storage))
}

/** What is stored, key by key. */
function keysIn({ kv }: DurableObjectStorage): string[] {
  return Array.from(kv.list(), ([key]) => key)
}

afterEach(emptyAll)

describe('the store of a state', () => {
  it('is empty at first, and has what initial says', async () => {
    await withStorage((storage) => {
      expect(openStateStore(storage, stored).load()).toEqual(initial)
      expect(keysIn(storage)).toEqual([])
    })
  })

  it('keeps fields and entries apart, writes what changed, and nothing that is volatile', async () => {
    await withStorage((storage) => {
      const store = openStateStore(storage, stored)
      const first = { ...initial, entries: { a: 'one', b: 'two' }, seen: { a: 1 } }
      store.save(initial, first)
      expect(keysIn(storage)).toEqual(['entry/entries/a', 'entry/entries/b'])
      // Told by reference: a value that is the same is not written again.
      storage.kv.put('entry/entries/b', 'as it was')
      const second = { ...first, log: { count: 1 }, entries: { ...first.entries, a: 'new' } }
      store.save(first, second)
      expect(keysIn(storage)).toEqual(['entry/entries/a', 'entry/entries/b', 'field/log'])
      expect(openStateStore(storage, stored).load()).toEqual({
        ...initial,
        log: { count: 1 },
        entries: { a: 'new', b: 'as it was' },
      })
      const { a: _, ...entries } = second.entries
      store.save(second, { ...second, entries })
      expect(keysIn(storage)).toEqual(['entry/entries/b', 'field/log'])
    })
  })

  it('takes apart what an older release stored in one piece, as the field that goes on with it', async () => {
    await withStorage((storage) => {
      storage.kv.put('machine', { count: 41 })
      const expected = { ...initial, log: { count: 41 } }
      expect(openStateStore(storage, stored).load()).toEqual(expected)
      expect(keysIn(storage)).toEqual(['field/log'])
      expect(openStateStore(storage, stored).load()).toEqual(expected)
    })
  })

  it('takes apart a whole state field by field where no field goes on with all of it', async () => {
    await withStorage((storage) => {
      storage.kv.put('machine', { log: { count: 3 }, entries: { a: 'one' } })
      const { heir: _, ...whole } = stored
      const loaded = openStateStore(storage, whole).load()
      expect(loaded).toEqual({ ...initial, log: { count: 3 }, entries: { a: 'one' } })
      expect(keysIn(storage)).toEqual(['entry/entries/a', 'field/log'])
    })
  })

  it('leaves fields of a later release alone, and does not start on what it cannot read', async () => {
    await withStorage((storage) => {
      storage.kv.put('field/later', { from: 'a later release' })
      storage.kv.put('field/log', { count: 1 })
      expect(openStateStore(storage, stored).load()).toEqual({ ...initial, log: { count: 1 } })
      expect(storage.kv.get('field/later')).toBeDefined()
      storage.kv.put('field/log', { count: 'many' })
      expect(() => openStateStore(storage, stored).load()).toThrow(
        'its state cannot be read by this release: log.count: ',
      )
    })
  })

  it('holds five thousand entries, each far below what one value may weigh', async () => {
    await withStorage((storage) => {
      const evidence = 'x'.repeat(1024)
      const ids = Array.from({ length: 5000 }, (_, at) => `origin-${at}`)
      const entries = Object.fromEntries(ids.map((id) => [id, evidence]))
      const full = { ...initial, entries }
      openStateStore(storage, stored).save(initial, full)
      expect(openStateStore(storage, stored).load()).toEqual(full)
    })
  })
})
