import { describe, expect, it } from 'vitest'
import { runDns } from '../../cli/dns.ts'
import { serveAdmin } from './admin-server.ts'

const NOW = Date.UTC(2026, 10, 21, 3, 0, 0)
const admin = serveAdmin(NOW)

const US = { ttl: 60, values: ['192.0.2.1'] }
const EU = { ttl: 30, values: ['192.0.2.2'] }
const CHANGE = { record: 'apex', before: US, after: EU, reason: 'pool us is out' }
const APEX = {
  id: 'apex',
  provider: 'pdns',
  zone: 'example.com',
  name: 'example.com',
  type: 'A',
  route: 'all',
  degraded: true,
  reason: 'pool us is out',
  wanted: [EU],
  wantedSinceMs: NOW - 12_000,
  actual: [US],
  difference: [CHANGE],
  guard: { guard: 'settling', words: 'wanted for 12 s of 30 s', untilMs: NOW + 18_000 },
}
const WWW = {
  ...APEX,
  id: 'www',
  name: 'www.example.com',
  actual: [EU],
  difference: [],
  guard: undefined,
  lastChange: { atMs: NOW - 65_000, changes: [{ ...CHANGE, record: 'www' }] },
}
const MAIL = { ...APEX, id: 'mail', wanted: undefined, actual: undefined, difference: [] }
const ZONE = { provider: 'pdns', zone: 'example.com', run: 'idle', surveyedAtMs: NOW - 4000 }
const FAILING = {
  ...ZONE,
  failures: 3,
  failure: { kind: 'unauthorized', detail: 'status 401' },
  retryAtMs: NOW + 40_000,
}

describe('portolan dns', () => {
  it('lists every record with what stands, what is wanted and what holds it', async () => {
    const frozen = { reason: 'a test', by: { name: 'anna', from: '' }, atMs: NOW }
    const other = { ...WWW, id: 'other', frozen, divergesSinceMs: NOW }
    const { guard: _, reason: __, ...mail } = MAIL
    admin.prepare({ items: [APEX, WWW, other, mail], zones: [FAILING] })
    expect(await runDns([])).toEqual({
      code: 0,
      lines: [
        'RECORD  NAME             TYPE  STANDS            WANTED            CHANGED        WHY',
        'apex    example.com      A     192.0.2.1 (60 s)  192.0.2.2 (30 s)                 settling: wanted for 12 s of 30 s (until 2026-11-21T03:00:18Z)',
        'www     www.example.com  A     192.0.2.2 (30 s)  as it stands      1 min 5 s ago  pool us is out',
        'other   www.example.com  A     192.0.2.2 (30 s)  as it stands      1 min 5 s ago  DNS ANSWERS OTHERWISE; frozen by anna: a test',
        'mail    example.com      A     ?                 ?',
        'zone pdns/example.com: compared 4 s ago; the last 3 runs failed: status 401; the next try at 2026-11-21T03:00:40Z',
      ],
    })
    expect(admin.asked).toMatchObject([{ method: 'GET', url: '/_portolan/v1/dns' }])
  })

  it('counts what of a long set has no room in a line, and shows no TTL of a proxied one', async () => {
    const values = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5', '192.0.2.6']
    const long = { ...WWW, actual: [{ ttl: 60, values }] }
    const proxied = { ...WWW, actual: [{ ...US, ttl: 1, proxied: true }] }
    admin.prepare({ items: [long, proxied], zones: [] }, { record: long, zone: ZONE })
    const { lines } = await runDns([])
    expect(lines[1]).toContain('192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4, 2 more (60 s)')
    expect(lines[2]).toContain('192.0.2.1 (proxied)')
    const one = await runDns(['show', 'www'])
    expect(one.lines.join('\n')).toContain(`${values.join(', ')} (60 s)`)
  })

  it('says what a run that was cut short waits for', async () => {
    const times = { runSinceMs: NOW - 8000, runUntilMs: NOW + 60_000 }
    const zone = { ...ZONE, run: 'applying', failures: 0, ...times }
    admin.prepare(
      { items: [WWW], zones: [zone] },
      { items: [WWW], zones: [{ ...zone, isCutShort: true }] },
    )
    expect((await runDns([])).lines.slice(2)).toEqual([])
    expect((await runDns([])).lines.slice(2)).toEqual([
      'zone pdns/example.com: applying since 2026-11-21T02:59:52Z, which was cut short: given up and begun anew at 2026-11-21T03:01:00Z, compared 4 s ago',
    ])
  })

  it('says so when there is nothing to list', async () => {
    admin.prepare({ items: [], zones: [] }, { dryRun: false, zones: [] })
    const none = { code: 0, lines: ['the configuration has no records under "dns"'] }
    expect(await runDns(['list'])).toEqual(none)
    expect(await runDns(['reconcile'])).toEqual(none)
  })

  it('shows all of one record', async () => {
    const move = {
      sinceMs: NOW,
      verdict: 'moving',
      targets: { 'ns1:53': { movedMs: 1500 }, 'https://dns.example': { movedMs: null } },
    }
    const answers = [
      { target: 'ns1:53', outcome: 'as-expected' },
      { target: 'ns2:53', outcome: 'other', values: ['192.0.2.1'] },
      { target: 'ns3:53', outcome: 'failed', why: 'refused' },
    ]
    const record = { ...WWW, move, answers, answersSinceMs: NOW - 1000, divergesSinceMs: NOW }
    admin.prepare({ record, zone: { ...ZONE, failures: 0 } })
    expect((await runDns(['show', 'www'])).lines).toEqual([
      'www: A www.example.com in the zone example.com at pdns, by the route all',
      'wanted   192.0.2.2 (30 s), for 12 s',
      '         pool us is out',
      'stands   192.0.2.2 (30 s)',
      'changed  2026-11-21T02:58:55Z: 192.0.2.1 (60 s) -> 192.0.2.2 (30 s): pool us is out',
      'reached  moving: ns1:53 after 1 s, https://dns.example not yet',
      'answers  for 1 s, ns1:53: as expected',
      'answers  for 1 s, ns2:53: 192.0.2.1',
      'answers  for 1 s, ns3:53: no answer: refused',
      'apart    DNS answers otherwise since 2026-11-21T03:00:00Z',
      'zone     idle, compared 4 s ago',
    ])
    expect(admin.asked).toMatchObject([{ method: 'GET', url: '/_portolan/v1/dns/www' }])
  })

  it('reconciles, and fails when a zone does', async () => {
    const held = [{ record: 'www', guard: 'frozen', words: 'by anna' }]
    const run = { ...ZONE, outcome: 'done', changes: [CHANGE], held }
    admin.prepare(
      { dryRun: true, zones: [run] },
      {
        dryRun: false,
        zones: [
          { ...run, outcome: 'under-way', held: [] },
          { ...run, outcome: 'failed', failure: { detail: 'status 401' } },
          { ...run, outcome: 'unreachable', detail: 'no answer' },
        ],
      },
    )
    expect(await runDns(['reconcile', 'apex', '--dry-run'])).toEqual({
      code: 0,
      lines: [
        'pdns/example.com: 1 change to be made, 1 held',
        '  apex: 192.0.2.1 (60 s) -> 192.0.2.2 (30 s): pool us is out',
        '  www: held: frozen: by anna',
      ],
    })
    expect(await runDns(['reconcile'])).toEqual({
      code: 1,
      lines: [
        'pdns/example.com: 1 change made, 0 held, and it goes on',
        '  apex: 192.0.2.1 (60 s) -> 192.0.2.2 (30 s): pool us is out',
        'pdns/example.com: failed: status 401',
        'pdns/example.com: unreachable: no answer',
      ],
    })
    expect(admin.asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /_portolan/v1/dns/reconcile?dryRun=true&record=apex',
      'POST /_portolan/v1/dns/reconcile',
    ])
  })

  it('freezes a record with a reason, and lets it go', async () => {
    const answer = { record: WWW, zone: ZONE }
    admin.prepare(answer, answer)
    expect((await runDns(['freeze', 'www', '--reason', 'a test'])).code).toBe(0)
    expect((await runDns(['unfreeze', 'www'])).code).toBe(0)
    expect(admin.asked).toMatchObject([
      {
        method: 'PUT',
        url: '/_portolan/v1/dns/www/freeze',
        body: { frozen: true, reason: 'a test' },
      },
      { method: 'PUT', url: '/_portolan/v1/dns/www/freeze', body: { frozen: false } },
    ])
  })

  it.each([
    [['nonsense'], 'dns has no "nonsense"'],
    [['constructor'], 'dns has no "constructor"'],
    [['list', 'www'], 'list takes no "www": show does'],
    [['show'], 'show takes a record'],
    [['show', 'a', 'b'], 'dns takes one record'],
    [['freeze', 'www'], '--reason is missing: whoever looks next needs it'],
    [['show', 'www', '--dry-run'], '--dry-run goes with "reconcile"'],
    [['list', '--reason', 'x'], '--reason goes with "freeze" and "unfreeze"'],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, lines } = await runDns(args)
    expect([code, lines[0]]).toEqual([1, message])
    expect(admin.asked).toEqual([])
  })
})
