import { describe, expect, it } from 'vitest'
import { runCache } from '../../cli/cache.ts'
import { serveAdmin } from './admin-server.ts'

const NOW = Date.UTC(2026, 10, 21, 3, 0, 0)
const admin = serveAdmin(NOW)
const PATH = '/_portolan/v1/cache/purge'
const PURGED = {
  outcome: 'purged',
  dryRun: false,
  serial: NOW,
  generation: 9,
  published: true,
  rows: 3,
  widened: 0,
  into: [],
}

const STANDING = {
  words: 'of one isolate',
  memory: { entries: 1, bytes: 2_097_152, mostBytes: 33_554_432, evictions: 0 },
  routes: {},
  purges: { rows: 0, newest: 0 },
}

describe('portolan cache purge', () => {
  it.each([
    [
      ['--url', 'https://www.example.com/a?x=1', '--url', 'https://www.example.com/b'],
      PATH,
      {
        targets: [{ url: 'https://www.example.com/a?x=1' }, { url: 'https://www.example.com/b' }],
        kind: 'hard',
      },
    ],
    [
      ['--host', 'a.example.com', '--prefix', 'b.example.com/x/y', '--tag', 'red', '--soft'],
      PATH,
      {
        targets: [
          { host: 'a.example.com' },
          { host: 'b.example.com', prefix: '/x/y' },
          { tag: 'red' },
        ],
        kind: 'soft',
      },
    ],
    [
      ['--route', 'web', '--all', '--override', '--dry-run', '--reason', 'a leak'],
      `${PATH}?dryRun=true&override=true`,
      { targets: [{ route: 'web' }, { all: true }], kind: 'hard', reason: 'a leak' },
    ],
  ])('sends what %j asks for', async (typed, url, body) => {
    admin.prepare(PURGED)
    const { code, lines } = await runCache(['purge', ...typed])
    expect([code, lines]).toEqual([
      0,
      [
        'done: what was asked for before 2026-11-21T03:00:00Z goes, everywhere within 10 s; generation 9 stands in the store already',
      ],
    ])
    expect(admin.asked).toEqual([{ method: 'POST', url, body }])
  })

  it('tells the estimate of a dry run, and what became wider', async () => {
    const estimate = {
      entries: 2,
      bytes: 10,
      requestsPerMinute: 1.5,
      ofEntries: 4,
      ofBytes: 40,
      words: 'two of four',
    }
    admin.prepare({ ...PURGED, dryRun: true, estimate, widened: 3 })
    const { lines } = await runCache(['purge', '--tag', 'red', '--dry-run'])
    expect(lines).toEqual([
      'this would be done; nothing was purged',
      'two of four',
      '3 older purges became wider, since there were too many',
    ])
  })

  it('tells what is not in the store yet', async () => {
    admin.prepare({ ...PURGED, published: false })
    const { lines } = await runCache(['purge', '--tag', 'red'])
    expect(lines).toEqual([expect.stringMatching(/generation 9 is on its way to the store$/)])
  })

  it.each([
    [['purge'], 'nothing to purge'],
    [['purge', 'https://www.example.com/'], 'say what it is'],
    [['purge', '--prefix', '/a'], '--prefix takes a host and a path'],
    [['purge', '--prefix', 'https://www.example.com/a'], '--prefix takes a host and a path'],
    [['show'], 'show takes one URL'],
    [['show', 'https://www.example.com/', '--header', 'none'], 'a header is written'],
    [['stats', 'web'], 'portolan cache show'],
    [['empty'], 'cache takes purge, show or stats'],
  ])('says what is wrong with %j', async (typed, said) => {
    const { code, lines } = await runCache(typed)
    expect([code, lines[0]]).toEqual([1, expect.stringContaining(said)])
  })
})

it.each(['purge', 'show', 'stats'])('tells how %s is used, and asks nobody', async (name) => {
  const { code, lines } = await runCache([name, '--help'])
  expect([code, lines]).toEqual([0, [expect.stringMatching(`^portolan cache ${name} ?`)]])
  expect(admin.asked).toEqual([])
})

it('shows what each tier holds', async () => {
  const held = { state: 'held', words: 'a 200 of 5 s, fresh for another 55 s: given out as it is' }
  const nothing = { state: 'nothing', words: 'holds nothing' }
  admin.prepare({
    url: 'https://www.example.com/a',
    route: 'web',
    key: 'web',
    verdict: 'hit',
    words: ['answered from memory'],
    tiers: { memory: held, colo: nothing, kv: nothing, shield: nothing },
  })
  const typed = ['https://www.example.com/a?utm_x=1', '--header', 'Accept-Language: de']
  const { lines } = await runCache(['show', ...typed, '--country', 'DE'])
  expect(lines).toEqual([
    'url    https://www.example.com/a',
    'route  web',
    'now    answered from memory',
    '',
    'TIER    HOLDS',
    `memory  ${held.words}`,
    'colo    holds nothing',
    'kv      holds nothing',
    'shield  holds nothing',
  ])
  const query = new URLSearchParams({
    url: 'https://www.example.com/a?utm_x=1',
    headers: '{"accept-language":"de"}',
    country: 'DE',
  })
  expect(admin.asked).toEqual([
    { method: 'GET', url: `/_portolan/v1/cache?${query.toString()}`, body: undefined },
  ])
})

it('shows what no route takes, and an isolate that nobody asked', async () => {
  admin.prepare({ url: 'https://a.test/', verdict: 'uncached', words: ['no route takes it'] })
  expect((await runCache(['show', 'https://a.test/'])).lines).toEqual([
    'url    https://a.test/',
    'now    no route takes it',
  ])
  admin.prepare(STANDING)
  expect((await runCache(['stats'])).lines).toEqual([
    'no route with a cache was asked for yet',
    'memory: 1 answers, 2 MB of 32 MB, 0 evicted',
    'purges: 0',
    'of one isolate',
  ])
})

it.each([
  [['purge', '--tag', 'red'], PURGED],
  [['show', 'https://a.test/'], { url: 'https://a.test/', verdict: 'uncached', words: [] }],
  [['stats'], STANDING],
])('gives by --json the whole answer to %j, of a later release as well', async (typed, answer) => {
  const later = { ...answer, later: 1 }
  admin.prepare(later)
  const { lines } = await runCache([...typed, '--json'])
  expect(lines.map((line) => JSON.parse(line))).toEqual([later])
})

it('shows how the cache of an isolate stands', async () => {
  const counts = {
    hits: { memory: 6, colo: 1, kv: 0, shield: 0 },
    stale: 0,
    revalidated: 0,
    misses: 1,
    refreshed: 0,
    collapsed: 0,
    sinceTheNextRelease: 1,
    bypassed: 2,
    stored: 1,
    uncacheable: 0,
    bytesServed: 70,
    bytesStored: 10,
  }
  admin.prepare({
    ...STANDING,
    routes: { web: { ...counts, hitShare: 0.875 }, other: counts },
    purges: { rows: 1, newest: NOW },
  })
  expect((await runCache(['stats'])).lines).toEqual([
    'ROUTE  HITS    MEMORY  COLO  KV  SHIELD  STALE  ASKED  MISSES  PAST',
    'web    87.5 %  6       1     0   0       0      0      1       2',
    'other  –       6       1     0   0       0      0      1       2',
    'memory: 1 answers, 2 MB of 32 MB, 0 evicted',
    'purges: 1, the newest of 2026-11-21T03:00:00Z',
    'of one isolate',
  ])
})
