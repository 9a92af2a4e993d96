import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  HANDED_MS,
  handSession,
  isWanted,
  lendSession,
  takeSession,
} from '../../../src/state/session/handover.ts'
import {
  changeSession,
  endSession,
  type Lifetime,
  liveOf,
  openSession,
  type Proposal,
  type StoredSession,
} from '../../../src/state/session/session.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOW = 1_000_000_000

const lifetime: Lifetime = { ttlMs: 23 * HOUR, idleMs: HOUR }

function proposalOf(proposal: Partial<Proposal> = {}): Proposal {
  return { origin: 'us-1', lifetime, ...proposal }
}

/** As a cookie tells of it. */
function heldOf(origin: string, boundAtMs: number): Proposal {
  return proposalOf({ origin, boundAtMs, isHeld: true })
}

const opened = openSession(undefined, proposalOf(), NOW)

/** How long after `NOW` a session that nobody uses stands. */
function lengthOf(session: StoredSession): number {
  return session.expiresAtMs - NOW
}

describe('a session that is opened', () => {
  it('belongs to whoever was proposed first', () => {
    const later = openSession(opened, proposalOf({ origin: 'eu-1' }), NOW + 1)
    expect(later).toBe(opened)
    expect(opened).toMatchObject({ standing: 'open', origin: 'us-1', boundAtMs: NOW })
  })

  it('ends after its idle time, and no more than an eighth, a report and the way later', () => {
    expect(lengthOf(opened)).toBeGreaterThanOrEqual(HOUR)
    expect(lengthOf(opened)).toBeLessThanOrEqual(HOUR + HOUR / 8 + 32_000)
    expect(liveOf(opened, opened.expiresAtMs - 1)).toBe(opened)
    expect(liveOf(opened, opened.expiresAtMs)).toBeUndefined()
  })

  it('ends with its ttl at the latest, to the millisecond, however active it is', () => {
    let session = opened
    for (let at = 0; at < 24 * HOUR; at += 10 * MINUTE) {
      const nowMs = NOW + at
      if (!liveOf(session, nowMs)) break
      session = openSession(session, proposalOf(), nowMs)
    }
    expect(session.boundAtMs).toBe(NOW)
    expect(lengthOf(session)).toBe(23 * HOUR)
  })

  it('is not written for a use that hardly moves its end', () => {
    expect(openSession(opened, proposalOf(), NOW + HOUR / 8 - 1)).toBe(opened)
    expect(openSession(opened, proposalOf(), NOW + HOUR / 8)).not.toBe(opened)
  })

  it('is never written where idle is as long as ttl: its end stands', () => {
    const lasting = { ttlMs: HOUR, idleMs: HOUR }
    const session = openSession(undefined, proposalOf({ lifetime: lasting }), NOW)
    expect(openSession(session, proposalOf({ lifetime: lasting }), NOW + HOUR - 1)).toBe(session)
  })

  it('is bound since when an isolate says so', () => {
    const since = openSession(undefined, proposalOf({ boundAtMs: NOW - HOUR }), NOW)
    expect(since.boundAtMs).toBe(NOW - HOUR)
  })

  it('lives on when the clock jumps back', () => {
    const used = openSession(opened, proposalOf(), NOW + HOUR / 2)
    expect(openSession(used, proposalOf(), NOW - HOUR)).toBe(used)
  })
})

describe('a session that moves', () => {
  it('goes with the first who moves it, and keeps its data', () => {
    const held = changeSession(opened, { data: 'cart', lifetime }, NOW)
    const first = openSession(held, proposalOf({ origin: 'eu-1', from: 'us-1' }), NOW + 5)
    const second = openSession(first, proposalOf({ origin: 'ap-1', from: 'us-1' }), NOW + 6)
    expect(first).toMatchObject({ origin: 'eu-1', boundAtMs: NOW + 5, data: 'cart' })
    expect(second).toBe(first)
  })

  it('is bound later than before, whatever the clock of an isolate says', () => {
    const proposal = proposalOf({ origin: 'eu-1', from: 'us-1', boundAtMs: NOW - HOUR })
    expect(openSession(opened, proposal, NOW + 5).boundAtMs).toBe(NOW + 1)
  })
})

describe('a session whose client carries its bond', () => {
  it('is where its cookie says, unless the objects know of a later bond', () => {
    expect(openSession(opened, heldOf('eu-1', NOW - 1), NOW)).toBe(opened)
    const moved = { origin: 'eu-1', boundAtMs: NOW }
    expect(openSession(opened, heldOf('eu-1', NOW), NOW)).toMatchObject(moved)
  })

  it('follows an operator, even with a cookie of a clock that is ahead', () => {
    const ahead = openSession(undefined, heldOf('us-1', NOW + HOUR), NOW)
    const put = changeSession(ahead, { origin: 'eu-1', lifetime }, NOW)
    expect(put).toMatchObject({ origin: 'eu-1', boundAtMs: NOW + HOUR + 1 })
    expect(openSession(put, heldOf('us-1', NOW + HOUR), NOW + 5)).toBe(put)
    const over = endSession(ahead, lifetime, NOW)
    expect(openSession(over, heldOf('us-1', NOW + HOUR), NOW + 5)).toBe(over)
  })
})

describe('a session that is changed by hand', () => {
  it('is made where there is none, if an origin is given', () => {
    expect(changeSession(undefined, { data: 'x', lifetime }, NOW)).toBeUndefined()
    const made = changeSession(undefined, { origin: 'eu-1', data: 'x', lifetime }, NOW)
    expect(made).toMatchObject({ origin: 'eu-1', data: 'x', dataAtMs: NOW })
  })

  it('tells newer data from older, even within one millisecond', () => {
    const one = changeSession(opened, { data: 'one', lifetime }, NOW)
    const two = changeSession(one, { data: 'two', lifetime }, NOW)
    const none = changeSession(two, { data: null, lifetime }, NOW - 1)
    expect([one?.dataAtMs, two?.dataAtMs, none?.dataAtMs]).toEqual([NOW, NOW + 1, NOW + 2])
    expect(none?.data).toBeUndefined()
  })

  it('takes what an origin keeps with it, and stays where it is', () => {
    const held = { origin: 'eu-1', boundAtMs: NOW - 5 }
    expect(changeSession(opened, { data: 'x', held, lifetime }, NOW)?.origin).toBe('us-1')
    expect(changeSession(undefined, { data: 'x', held, lifetime }, NOW)).toMatchObject(held)
  })
})

describe('a session that was ended by hand', () => {
  const ended = endSession(opened, lifetime, NOW + 10)

  it('is there for no cookie from before', () => {
    const before = proposalOf({ boundAtMs: NOW })
    expect(openSession(ended, before, NOW + 20)).toBe(ended)
    const held = { origin: 'us-1', boundAtMs: NOW }
    expect(changeSession(ended, { data: 'x', held, lifetime }, NOW + 20)).toBe(ended)
    expect(endSession(ended, lifetime, NOW + 20)).toBeUndefined()
  })

  it('makes way for a new one by the same key', () => {
    const anew = openSession(ended, proposalOf({ origin: 'eu-1' }), NOW + 20)
    expect(anew).toMatchObject({ standing: 'open', origin: 'eu-1', boundAtMs: NOW + 20 })
  })

  it('is remembered until no bond from before can be alive', () => {
    expect(ended?.expiresAtMs).toBe(NOW + 10 + lifetime.ttlMs)
  })
})

describe('a session that another shard has', () => {
  const handed = handSession(opened, NOW)

  it('says for a minute where the client belongs, and changes no more', () => {
    const asked = openSession(handed, proposalOf({ origin: 'eu-1', from: 'us-1' }), NOW + 1)
    expect(asked).toBe(handed)
    expect(handed).toMatchObject({ standing: 'handed', origin: 'us-1' })
    expect(handed?.expiresAtMs).toBe(NOW + HANDED_MS)
  })

  it('is handed over once', () => {
    expect(handSession(handed, NOW)).toBeUndefined()
    expect(handSession(undefined, NOW)).toBeUndefined()
  })

  it('may come back, unless what another shard lends is older', () => {
    expect([undefined, handed, opened].map((known) => isWanted(known, NOW))).toEqual([
      true,
      true,
      false,
    ])
    const moved = openSession(opened, proposalOf({ origin: 'eu-1', from: 'us-1' }), NOW + 9)
    expect(takeSession(handed, moved, NOW + 10)).toEqual(moved)
    expect(takeSession(handSession(moved, NOW + 10), opened, NOW + 10)).toMatchObject({
      origin: 'eu-1',
    })
    expect(takeSession(moved, opened, NOW + 10)).toBe(moved)
    expect(takeSession(undefined, endSession(opened, lifetime, NOW) ?? opened, NOW)).toMatchObject({
      standing: 'ended',
    })
  })

  it('is lent as it is proposed', () => {
    expect(lendSession(proposalOf(), NOW)).toMatchObject({ standing: 'handed', origin: 'us-1' })
  })

  it('is lent no longer than it lasts', () => {
    const short = proposalOf({ lifetime: { ttlMs: HOUR, idleMs: 10_000 } })
    const { expiresAtMs } = openSession(undefined, short, NOW)
    expect(lendSession(short, NOW).expiresAtMs).toBe(expiresAtMs)
    expect(lengthOf(lendSession(proposalOf(), NOW))).toBe(HANDED_MS)
  })
})

it('belongs to one origin at a time, and never to one that nobody wanted', () => {
  const origins = ['us-1', 'us-2', 'eu-1']
  const proposal = fc.record({
    origin: fc.constantFrom(...origins),
    from: fc.option(fc.constantFrom(...origins), { nil: undefined }),
    afterMs: fc.integer({ min: -MINUTE, max: 2 * HOUR }),
  })
  fc.assert(
    fc.property(fc.array(proposal, { maxLength: 30 }), (proposals) => {
      let known: StoredSession | undefined
      let nowMs = NOW
      for (const { afterMs, ...each } of proposals) {
        nowMs += afterMs
        const before = liveOf(known, nowMs)
        const next = openSession(known, proposalOf(each), nowMs)
        const mayMove = before === undefined || before.origin === each.from
        expect(next.origin).toBe(mayMove ? each.origin : before.origin)
        expect(next.boundAtMs).toBeGreaterThanOrEqual(before?.boundAtMs ?? 0)
        known = next
      }
    }),
  )
})
