import { describe, expect, it } from 'vitest'
import { runAffinity } from '../../cli/affinity.ts'
import { serveAdmin } from './admin-server.ts'

const NOW = Date.UTC(2026, 10, 21, 3, 0, 0)
const admin = serveAdmin(NOW)
const DAY = 86_400_000
const OLD = { id: 'aaa', createdAtMs: NOW - 9 * DAY, signsFromMs: NOW - 8 * DAY }
const KEYS = [
  { ...OLD, state: 'verifying', goesAtMs: NOW + DAY },
  { id: 'bbb', createdAtMs: NOW - 2 * DAY, signsFromMs: NOW - DAY, state: 'signing' },
  { id: 'ccc', createdAtMs: NOW, signsFromMs: NOW + DAY, state: 'waiting' },
]
const ROTATE = { method: 'POST', url: '/_portolan/v1/affinity/rotate' }

describe('portolan affinity', () => {
  it('shows the keys, and what comes next of each', async () => {
    admin.prepare({ items: KEYS })
    expect((await runAffinity(['keys'])).lines).toEqual([
      'KEY  STATE      MADE                  NEXT',
      'aaa  verifying  2026-11-12T03:00:00Z  goes at 2026-11-22T03:00:00Z',
      'bbb  signing    2026-11-19T03:00:00Z',
      'ccc  waiting    2026-11-21T03:00:00Z  signs from 2026-11-22T03:00:00Z',
    ])
    expect(admin.asked).toMatchObject([{ method: 'GET', url: '/_portolan/v1/affinity/keys' }])
  })

  it.each([
    ['rotate', { outcome: 'rotated', said: 'nobody is bound anew' }, { revoke: false }],
    [
      'rotate --reason rule',
      { outcome: 'unchanged', said: 'already' },
      { revoke: false, reason: 'rule' },
    ],
    [
      'rotate --revoke --reason leak',
      { outcome: 'revoked', said: 'all clients' },
      { revoke: true, reason: 'leak' },
    ],
  ])('%s asks for that', async (typed, { outcome, said }, body) => {
    admin.prepare({ outcome, items: KEYS })
    const { code, lines } = await runAffinity(typed.split(' '))
    expect([code, lines[0], lines.length]).toEqual([0, expect.stringContaining(said), 5])
    expect(admin.asked).toEqual([{ ...ROTATE, body }])
  })

  it.each([
    ['', 'takes "keys" or "rotate"'],
    ['revoke', 'takes "keys" or "rotate"'],
    ['keys --revoke', 'go with "rotate"'],
    ['rotate --revoke', '--reason is missing'],
  ])('says what is wrong with "%s"', async (typed, said) => {
    const { code, lines } = await runAffinity(typed.split(' ').filter(Boolean))
    expect([code, lines[0]]).toEqual([1, expect.stringContaining(said)])
    expect(admin.asked).toEqual([])
  })
})
