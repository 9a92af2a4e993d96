import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Disturbance } from '../../support/cloudflare/server.ts'
import { change, COMMENT, givenZone, ONE, setOf, TWO } from './given.ts'

function refusal(
  status: number,
  code: number,
  message: string,
): NonNullable<Disturbance['answer']> {
  return { status, body: JSON.stringify({ success: false, errors: [{ code, message }] }) }
}

/** What comes of a change that is disturbed, of the same made again, and what stands then. */
async function makeTwice(disturbance: Disturbance, timeoutMs = 5000): Promise<string[]> {
  const { zone, server, answers } = await givenZone({ timeoutMs })
  await zone.apply([change(undefined, ONE)])
  server.disturb({ method: 'POST', ...disturbance })
  const first = await zone.apply([change(ONE, TWO)])
  const second = await zone.apply([change(ONE, TWO)])
  return [...[...first, ...second].map(({ outcome }) => outcome), ...answers()]
}

describe('a zone at Cloudflare that cannot be read', () => {
  it.each<[string, Parameters<typeof givenZone>[0], string, string]>([
    ['no secret', { secret: ' ' }, 'no-secret', 'wrangler secret put CLOUDFLARE_TOKEN'],
    ['a secret that no header can hold', { secret: 'a b' }, 'no-secret', 'set it anew'],
    ['a secret that is no token', { secret: 'short' }, 'unauthorized', 'no Global API Key'],
    ['an unknown token', { secret: 'x'.repeat(40) }, 'unauthorized', '9109'],
    ['a token for other things', { rights: ['zones'] }, 'unauthorized', 'Zone / DNS / Edit'],
    ['an id that may not be looked up', { named: false }, 'unauthorized', 'Zone / Zone / Read'],
  ])('tells of %s', async (...[, given, kind, words]) => {
    const { zone } = await givenZone(given)
    const failure = { kind, detail: expect.stringContaining(words) }
    expect(await zone.read([ONE])).toMatchObject({ ok: false, failure })
    expect(await zone.apply([change(undefined, ONE)])).toMatchObject([
      { outcome: 'failed', failure },
    ])
  })

  it('tells of a zone that is not there, and finds it when it is', async () => {
    const { zone, server, held } = await givenZone({ rights: ['edit', 'zones'], named: false })
    server.disturb({ answer: { status: 200, body: '{"success":true,"errors":[],"result":[]}' } })
    const failure = { kind: 'no-zone', detail: expect.stringContaining('"zones" of the provider') }
    expect(await zone.read([ONE])).toMatchObject({ ok: false, failure })
    held.create({ name: ONE.name, type: 'A', ttl: 60, content: '192.0.2.1', comment: COMMENT })
    expect(await zone.read([ONE])).toEqual({ ok: true, value: [ONE] })
    // It was removed and added again, under another id.
    server.disturb({ answer: refusal(404, 7003, 'Could not route to that path') })
    expect(await zone.read([ONE])).toMatchObject({ failure: { kind: 'no-zone' } })
    const count = server.received.length
    expect(await zone.read([ONE])).toEqual({ ok: true, value: [ONE] })
    expect(server.received[count]?.path).toContain('/zones?name=')
  })

  it('prefers the active zone of two of one name, and asks for the id when that does not tell', async () => {
    const { zone, server } = await givenZone({ rights: ['edit', 'zones'], named: false })
    server.addZone('example.com', { status: 'pending' })
    expect(await zone.read([ONE])).toEqual({ ok: true, value: [] })
    const other = await givenZone({ rights: ['edit', 'zones'], named: false })
    other.server.addZone('example.com')
    expect(await other.zone.read([ONE])).toMatchObject({
      failure: { kind: 'no-zone', detail: expect.stringContaining('several') },
    })
  })

  it.each<[string, NonNullable<Disturbance['answer']>, object]>([
    [
      'a 429 with Retry-After',
      { status: 429, body: '{}', headers: { 'retry-after': '7' } },
      { kind: 'rate-limited', retryAfterMs: 7000 },
    ],
    [
      'a 429 without a word',
      { status: 429, body: 'slow', headers: { ratelimit: '' } },
      { kind: 'rate-limited', retryAfterMs: 300_000 },
    ],
    [
      'a 429 with two limits, one of which is used up',
      { status: 429, body: '{}', headers: { ratelimit: '"a";r=9;t=2, "b";r=0;t=40, "c";r=0;t=5' } },
      { kind: 'rate-limited', retryAfterMs: 40_000 },
    ],
    ['a 429 by its code', refusal(400, 10100, 'More than 1200 requests'), { kind: 'rate-limited' }],
    ['a 502 with a page', { status: 502, body: '<html>' }, { kind: 'unavailable' }],
    [
      'a 503 with Retry-After',
      { status: 503, body: '', headers: { 'retry-after': '30' } },
      { kind: 'unavailable', retryAfterMs: 30_000 },
    ],
    ['a page', { status: 200, body: '<html>' }, { kind: 'garbled' }],
    ['no list', { status: 200, body: '{"success":true,"result":{}}' }, { kind: 'garbled' }],
    [
      'an odd record',
      { status: 200, body: '{"success":true,"result":[{"name":"www.example.com","type":"A"}]}' },
      { kind: 'garbled' },
    ],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' } }, { kind: 'garbled' }],
    [
      'a success that is none',
      { status: 200, body: '{"success":false,"errors":[]}' },
      { kind: 'garbled' },
    ],
    ['a refusal', refusal(400, 1004, 'DNS Validation Error'), { kind: 'refused' }],
    ['a lost connection', 'reset', { kind: 'unavailable' }],
  ])('tells of %s', async (_, answer, failure) => {
    const { zone, server } = await givenZone()
    server.disturb({ answer })
    expect(await zone.read([ONE])).toMatchObject({ ok: false, failure })
    expect(server.received).toHaveLength(1)
  })

  it('gives up in time', async () => {
    const { zone, server } = await givenZone({ timeoutMs: 150 })
    server.disturb({ answer: 'silence' })
    const failure = { kind: 'timed-out', detail: 'Cloudflare did not answer within 150 ms' }
    expect(await zone.read([ONE])).toEqual({ ok: false, failure })
  })

  it('says nothing of the token, even when it is said back', async () => {
    const { zone, server, token } = await givenZone()
    server.disturb({ answer: refusal(400, 6003, `Invalid header Bearer ${token}`) })
    const asked = await zone.read([ONE])
    expect(JSON.stringify(asked)).toContain('Invalid header Bearer …')
    expect(JSON.stringify(asked)).not.toContain(token)
  })

  it('is not listened to for ever', async () => {
    const { zone, server } = await givenZone()
    server.disturb({ answer: { status: 200, body: ' '.repeat(16_000_001) } })
    const failure = { kind: 'garbled', detail: 'the answer of Cloudflare is too long' }
    expect(await zone.read([ONE])).toEqual({ ok: false, failure })
  })

  it('is not asked for ever by pages that never end', async () => {
    const { zone, server } = await givenZone()
    const body = JSON.stringify({ success: true, result: [], result_info: { total_count: 1e9 } })
    server.disturb(...Array.from({ length: 101 }, () => ({ answer: { status: 200, body } })))
    expect(await zone.read([ONE])).toMatchObject({ failure: { kind: 'garbled' } })
    expect(server.received).toHaveLength(100)
  })
})

const ONCE = ['unknown', 'done', '192.0.2.2']

describe('a change at Cloudflare whose outcome nobody heard', () => {
  it.each<[string, Disturbance]>([
    ['done, and then a lost connection', { isDone: true, answer: 'reset' }],
    ['done, and then a 502', { isDone: true, answer: { status: 502, body: '<html>' } }],
    ['done, and then garbage', { isDone: true, answer: { status: 200, body: '{' } }],
    ['a lost connection before it', { answer: 'reset' }],
    ['a 500 before it', { answer: refusal(500, 1, 'Internal error') }],
  ])('is made once: %s', async (_, disturbance) => {
    expect(await makeTwice(disturbance)).toEqual(ONCE)
  })

  it('is made once: silence, after it or before it', async () => {
    const [after, before] = await Promise.all([
      makeTwice({ isDone: true, answer: 'silence' }, 1000),
      makeTwice({ answer: 'silence' }, 1000),
    ])
    expect(after).toEqual(ONCE)
    expect(before).toEqual(ONCE)
  })

  it('keeps those after it from being made, which have surely failed', async () => {
    const { zone, server, held } = await givenZone()
    const values = Array.from({ length: 30 }, (_, last) => `192.0.2.${last}`)
    const sets = Array.from({ length: 8 }, (_, at) => setOf(values, { name: `n${at}.example.com` }))
    server.disturb({ method: 'POST', isDone: true, answer: 'reset' })
    const results = await zone.apply(sets.map((set) => change(undefined, set)))
    // Six sets of thirty records fill a batch.
    const outcomes = results.map(({ outcome }) => outcome)
    expect(outcomes).toEqual(sets.map((_, at) => (at < 6 ? 'unknown' : 'failed')))
    expect(results[7]).toMatchObject({ failure: { detail: expect.stringMatching(/^not tried/) } })
    expect(held.records()).toHaveLength(180)
  })

  it('is not begun when the look before it took all the time that there is', async () => {
    const { zone, server, answers } = await givenZone()
    const [nowMs, later] = [Date.now(), vi.spyOn(Date, 'now')]
    onTestFinished(() => later.mockRestore())
    server.disturb({ meanwhile: () => void later.mockReturnValue(nowMs + 31_000) })
    expect(await zone.apply([change(undefined, ONE)])).toMatchObject([
      { outcome: 'failed', failure: { kind: 'timed-out' } },
    ])
    expect(answers()).toEqual([])
  })

  it('has surely failed when the rate limit refused it', async () => {
    const { zone, server, answers } = await givenZone()
    const headers = { 'retry-after': '12' }
    server.disturb({ method: 'POST', answer: { status: 429, body: '{}', headers } })
    expect(await zone.apply([change(undefined, ONE)])).toMatchObject([
      { outcome: 'failed', failure: { kind: 'rate-limited', retryAfterMs: 12_000 } },
    ])
    expect(answers()).toEqual([])
  })

  it('tells the cure of a mark that is too long for the plan', async () => {
    const { zone } = await givenZone()
    const mark = { owner: 'o'.repeat(32), record: 'r'.repeat(60) }
    expect(await zone.apply([change(undefined, { ...ONE, mark })])).toMatchObject([
      { failure: { kind: 'refused', detail: expect.stringContaining('shorten the id') } },
    ])
  })
})
