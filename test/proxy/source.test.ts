import { describe, expect, it } from 'vitest'
import { openSnapshotCache, type SnapshotHead } from '../../src/proxy/snapshot-cache.ts'
import {
  createSource,
  firstSnapshot,
  isRefreshDue,
  refresh,
  SOURCE_LIMITS,
  type SnapshotPlaces,
  type SnapshotSource,
} from '../../src/proxy/source.ts'
import { Condition } from '../../src/schema/condition.ts'
import type { SnapshotDocument, SnapshotUpdate } from '../../src/schema/snapshot.ts'
import { documentOf } from '../support/builders.ts'
import { configOf, NOW_MS } from './builders.ts'

function published(generation: number, publishedAtMs = NOW_MS + generation): SnapshotDocument {
  const document = documentOf(configOf())
  return { ...document, revision: generation, generation, publishedAtMs }
}

function headOf({ generation, publishedAtMs, form }: SnapshotUpdate): SnapshotHead {
  return { generation, publishedAtMs, form }
}

/** The document without its configuration, and with one origin that is ill. */
function ill(document: SnapshotDocument): SnapshotUpdate {
  const { config: _, ...update } = document
  const condition = { ...Condition.parse({}), health: 'unhealthy' as const }
  const { pools = {} } = configOf()
  const [origin = ''] = Object.values(pools).flatMap(({ origins }) => Object.keys(origins))
  return { ...update, conditions: { pools: {}, origins: { [origin]: condition } } }
}

/** What the places of a deployment hold; a place that is not there rejects. */
interface World {
  head?: SnapshotHead | undefined
  update?: unknown
  config?: unknown
  control?: unknown
  store?: unknown
  readonly asked: string[]
  /** What the control object was last told. */
  has?: { readonly after: number; readonly form: string }
}

function placesIn(world: World): SnapshotPlaces {
  const look = async (name: 'head' | 'update' | 'config' | 'control' | 'store') => {
    world.asked.push(name)
    if (!(name in world)) throw new Error(`${name} is away`)
    return world[name]
  }
  return {
    cache: {
      head: async () => (await look('head')) as SnapshotHead | undefined,
      update: () => look('update'),
      config: () => look('config'),
      keepHead: async (head) => void (world.head = head),
      keepUpdate: async (update) => void (world.update = update),
      keepConfig: async (_form, config) => void (world.config = config),
    },
    control: (has) => {
      world.has = has
      return look('control')
    },
    store: () => look('store'),
  }
}

/** A source that has what is given, after one look around. */
async function looked(world: World, has?: SnapshotDocument): Promise<SnapshotSource> {
  const source = createSource()
  if (has) await refresh(source, placesIn({ asked: [], head: undefined, control: has }))
  await refresh(source, placesIn(world))
  return source
}

describe('a snapshot is looked for', () => {
  it('in the cache of the data centre, which is enough while its head is no newer', async () => {
    const world: World = { asked: [], head: headOf(published(3)) }
    const source = await looked(world, published(3))
    expect(world.asked).toEqual(['head'])
    expect(source).toMatchObject({ controlCalls: 1, storeReads: 0, failures: 0 })
  })

  it('there in all its parts when it knows nothing yet', async () => {
    const { config, ...update } = published(4)
    const world: World = { asked: [], head: headOf(update), update, config }
    const source = await looked(world)
    expect(world.asked).toEqual(['head', 'update', 'config'])
    expect(source.snapshot?.generation).toBe(4)
    expect(source.config).toBe(config)
  })

  it('there by its conditions alone when the configuration is the same', async () => {
    const has = published(3)
    const update = ill(published(4))
    const world: World = { asked: [], head: headOf(update), update }
    const source = await looked(world, has)
    expect(world.asked).toEqual(['head', 'update'])
    expect(source.snapshot?.generation).toBe(4)
    expect(source.snapshot?.origins[0]?.standing).toMatchObject({ type: 'unhealthy' })
    expect(source.config).toBe(has.config)
  })

  it('at the control object when the cache has lost a part', async () => {
    const { config: _, ...update } = published(4)
    const lost: World = {
      asked: [],
      head: headOf(update),
      update,
      config: undefined,
      control: published(4),
    }
    const source = await looked(lost)
    expect(lost.asked).toEqual(['head', 'update', 'config', 'control'])
    expect(source.snapshot?.generation).toBe(4)
    expect(lost.config).toEqual(published(4).config)
  })

  it('at the control object when the cache knows nothing, and then handed on', async () => {
    const world: World = { asked: [], head: undefined, control: published(5) }
    const source = await looked(world, published(3))
    expect(world.asked).toEqual(['head', 'control'])
    expect(world.has).toEqual({ after: 3, form: published(3).form })
    expect(source.snapshot?.generation).toBe(5)
    const { config, ...update } = published(5)
    expect(world).toMatchObject({ head: headOf(update), update, config })
  })

  it('at the control object without the configuration, and handed on without it', async () => {
    const has = published(3)
    const update = ill(published(5))
    const world: World = { asked: [], head: undefined, control: update }
    const source = await looked(world, has)
    expect(source.snapshot?.generation).toBe(5)
    expect(source.config).toBe(has.config)
    expect(world).toMatchObject({ head: headOf(update), update })
    expect(world).not.toHaveProperty('config')
  })

  it('no further when the control object has none newer', async () => {
    const world: World = { asked: [], head: undefined, control: null, store: published(9) }
    const source = await looked(world, published(3))
    expect(world.asked).toEqual(['head', 'control'])
    expect(source.snapshot?.generation).toBe(3)
    expect(world.head).toEqual(headOf(published(3)))
  })

  it('in the store when the control object is away', async () => {
    const world: World = { asked: [], store: published(6) }
    const source = await looked(world)
    expect(world.asked).toEqual(['head', 'control', 'store'])
    expect(source.snapshot?.generation).toBe(6)
  })

  it('in the store when the control object has lost everything', async () => {
    const source = await looked({ asked: [], head: undefined, control: null, store: published(6) })
    expect(source.snapshot?.generation).toBe(6)
  })
})

describe('the last good snapshot stays', () => {
  it('when every place is away, and says why', async () => {
    const source = await looked({ asked: [] }, published(3))
    expect(source.snapshot?.generation).toBe(3)
    expect(source).toMatchObject({ failures: 3, lastFailure: 'store is away', busySinceMs: 0 })
  })

  it.each([
    ['garbage', { hello: 'world' }],
    ['another format', { ...published(9), format: 2 }],
    ['text', 'nonsense'],
    ['conditions for a configuration that nobody has', { ...ill(published(9)), form: 'unknown' }],
    [
      'a torn document',
      { ...published(9), form: 'torn', config: { routes: { r: null }, pools: {} } },
    ],
  ])('when a place holds %s', async (_, value) => {
    const world: World = { asked: [], head: undefined, control: value, store: value }
    const source = await looked(world, published(3))
    expect(source.snapshot?.generation).toBe(3)
    expect(world.asked).toEqual(['head', 'control', 'store'])
  })

  it('when a place holds an older one', async () => {
    const source = await looked({ asked: [], store: published(2) }, published(3))
    expect(source.snapshot?.generation).toBe(3)
  })

  it('but for a lower generation that was published much later: the counter was lost', async () => {
    const reborn = published(1, NOW_MS + 120_000)
    const source = await looked({ asked: [], store: reborn }, published(7))
    expect(source.snapshot?.generation).toBe(1)
    await refresh(source, placesIn({ asked: [], store: published(7) }))
    expect(source.snapshot?.generation).toBe(1)
  })
})

describe('a look around', () => {
  it('is due every second and a half, whichever way the clock went, and never twice at once', () => {
    const source = createSource()
    source.refreshedAtMs = NOW_MS
    expect(isRefreshDue(source, NOW_MS + 1499)).toBe(false)
    expect(isRefreshDue(source, NOW_MS + 1500)).toBe(true)
    expect(isRefreshDue(source, NOW_MS - 3_600_000)).toBe(true)
    source.busySinceMs = NOW_MS
    expect(isRefreshDue(source, NOW_MS + 1500)).toBe(false)
    expect(isRefreshDue(source, NOW_MS + SOURCE_LIMITS.lostMs)).toBe(true)
  })

  it('gives up on a place that does not answer', async () => {
    const never = new Promise<never>(() => undefined)
    const places = placesIn({ asked: [], store: published(6) })
    const source = createSource()
    const startedAtMs = Date.now()
    await refresh(source, { ...places, control: () => never })
    expect(source.snapshot?.generation).toBe(6)
    expect(Date.now() - startedAtMs).toBeLessThan(2 * SOURCE_LIMITS.stepMs)
  })

  it('is made by one of the first requests, and the others look on', async () => {
    const world: World = { asked: [], head: undefined, control: published(1) }
    const source = createSource()
    const load = () => refresh(source, placesIn(world))
    const all = await Promise.all(Array.from({ length: 20 }, () => firstSnapshot(source, load)))
    expect(all.map((snapshot) => snapshot?.generation)).toEqual(Array.from({ length: 20 }, () => 1))
    expect(world.asked).toEqual(['head', 'control'])
    expect(source.refreshes).toBe(1)
  })

  it('leaves nothing behind that a later first request would wait for', async () => {
    const source = createSource()
    const nowhere = () => refresh(source, placesIn({ asked: [] }))
    expect(await firstSnapshot(source, nowhere)).toBeUndefined()
    const there = () => refresh(source, placesIn({ asked: [], store: published(1) }))
    expect((await firstSnapshot(source, there))?.generation).toBe(1)
  })
})

describe('the cache of a data centre', () => {
  it('gives back each part by its name', async () => {
    const cache = openSnapshotCache(caches, 'parts.example.com')
    const { config, ...update } = published(4)
    const head = headOf(update)
    expect(await cache.head()).toBeUndefined()
    expect(await cache.update(head)).toBeUndefined()
    await cache.keepConfig(update.form, config)
    await cache.keepUpdate(update)
    await cache.keepHead(head)
    expect(await cache.head()).toEqual(head)
    expect(await cache.update(head)).toEqual(JSON.parse(JSON.stringify(update)))
    expect(await cache.config(update.form)).toEqual(JSON.parse(JSON.stringify(config)))
    expect(await cache.config('another form')).toBeUndefined()
  })
})
