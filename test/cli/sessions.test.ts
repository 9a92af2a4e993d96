import { describe, expect, it } from 'vitest'
import { runSession, runSessions } from '../../cli/sessions.ts'
import { serveAdmin } from './admin-server.ts'

const NOW = Date.UTC(2026, 10, 21, 3, 0, 0)
const admin = serveAdmin(NOW)
const PATH = '/_portolan/v1/sessions/anna%2F1?route=app'
const SESSION = {
  route: 'app',
  origin: 'us-1',
  boundAtMs: NOW - 60_000,
  usedAtMs: NOW - 5000,
  expiresAtMs: NOW + 600_000,
  shard: 3,
}

it('counts sessions by origin, most first', async () => {
  const origins = { 'eu-1': 2, 'us-1': 40 }
  admin.prepare({ sessions: 42, origins, shards: 8, expired: 7, evicted: 0, missing: 'shard 5' })
  expect(await runSessions([])).toEqual({
    code: 0,
    lines: [
      'ORIGIN  SESSIONS',
      'us-1    40',
      'eu-1    2',
      '42 in 8 shards; 7 ended by themselves, 0 had to go because a shard was full',
      'not counted: shard 5',
    ],
  })
  expect(admin.asked).toEqual([{ method: 'GET', url: '/_portolan/v1/sessions', body: undefined }])
})

describe('portolan session', () => {
  it('tells where a client belongs', async () => {
    admin.prepare({ ...SESSION, data: 'cart="7"' })
    expect((await runSession(['anna/1', '--route', 'app'])).lines).toEqual([
      'origin   us-1, since 2026-11-21T02:59:00Z',
      'used     5 s ago, as far as it was written down',
      'ends     2026-11-21T03:10:00Z unless it is used',
      'shard    3',
      'data     "cart=\\"7\\""',
    ])
    expect(admin.asked).toEqual([{ method: 'GET', url: PATH, body: undefined }])
  })

  it('moves it', async () => {
    admin.prepare({ ...SESSION, origin: 'eu-1' })
    const { code, lines } = await runSession(['anna/1', '--route', 'app', '--move', 'eu-1'])
    expect([code, lines[0]]).toEqual([
      0,
      'done: it belongs to eu-1; isolates that know it hear of it within 30 s',
    ])
    expect(admin.asked).toEqual([{ method: 'PUT', url: PATH, body: { origin: 'eu-1' } }])
  })

  it('ends it', async () => {
    admin.answerNext(204)
    const { code, lines } = await runSession(['anna/1', '--route', 'app', '--end'])
    expect([code, lines[0]]).toEqual([0, expect.stringContaining('done: it is over')])
    expect(admin.asked).toEqual([{ method: 'DELETE', url: PATH, body: undefined }])
  })

  it('passes on why not', async () => {
    const title = 'There is no such thing'
    const detail = 'the route "app" has no session by this key'
    admin.refuseNext(404, { type: 'about:blank', title, status: 404, detail, reason: 'not-found' })
    const { code, lines } = await runSession(['anna/1', '--route', 'app', '--end'])
    expect([code, lines]).toEqual([1, [`refused (404): ${title}`, detail]])
  })

  it.each([
    ['--route app', 'takes one key'],
    ['anna bob --route app', 'takes one key'],
    ['anna', '--route is missing'],
    ['anna --route app --move eu-1 --end', 'not both'],
  ])('says what is wrong with "%s"', async (typed, said) => {
    const { code, lines } = await runSession(typed.split(' '))
    expect([code, lines[0]]).toEqual([1, expect.stringContaining(said)])
    expect(admin.asked).toEqual([])
  })
})
