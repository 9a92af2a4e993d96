import { describe, expect, it } from 'vitest'
import { toReceiverViews } from '../../../src/state/outbox/outbox.ts'
import { OUTBOX } from '../../../src/state/outbox/state.ts'
import {
  delivered,
  down,
  failedWith,
  NOON_MS,
  noticeOf,
  slack,
  up,
  webhook,
  worldWith,
} from './world.ts'

describe('an attempt that fails', () => {
  it('is repeated with growing pauses, at most ten minutes, for a day', () => {
    const world = worldWith({ hook: webhook })
    world.answer = () => failedWith()
    world.tell(down('us-1'))
    world.pass(OUTBOX.lifeMs + 2 * OUTBOX.longestRetryMs)
    const pauses = world.sent
      .map(({ atMs }, at) => atMs - (world.sent[at - 1]?.atMs ?? atMs))
      .slice(1)
    for (const [at, pause] of pauses.entries()) {
      const least = Math.min(1000 * 2 ** at, OUTBOX.longestRetryMs)
      expect(pause).toBeGreaterThanOrEqual(least)
      expect(pause).toBeLessThanOrEqual(Math.min(1.5 * least, OUTBOX.longestRetryMs))
    }
    expect(new Set(world.messages.map(({ id }) => id)).size).toBe(1)
    expect(world.sent.length).toBeGreaterThan(150)
    expect(world.state.messages).toEqual({})
    expect(toReceiverViews(world.state)).toMatchObject([
      { id: 'hook', pending: 0, delivered: 0, dropped: 1, lastError: { why: 'status 503' } },
    ])
  })

  it('is followed by one that tells how many were dropped', () => {
    const world = worldWith({ hook: webhook })
    world.answer = () => failedWith({ next: 'drop', why: 'status 400' })
    world.tell(down('us-1'))
    world.pass(5000)
    world.tell(down('us-2'))
    world.pass(5000)
    world.answer = () => delivered
    world.tell(down('us-3'))
    world.pass(5000)
    expect(world.messages.map(({ lost }) => lost)).toEqual([0, 1, 2])
    expect(world.messages[2]?.text).toContain('(2 earlier messages to this receiver were dropped)')
    world.tell(up('us-3'))
    world.pass(5000)
    expect(world.messages[3]?.lost).toBe(0)
  })

  it('waits as long as the receiver asks, within an hour', () => {
    const world = worldWith({ hook: webhook })
    world.answer = () => failedWith({ retryAfterMs: 90_000 })
    world.tell(down('us-1'))
    world.pass(5000 + 90_000)
    expect(world.sent.map(({ atMs }) => atMs - NOON_MS)).toEqual([5000, 95_000])
    world.answer = () => failedWith({ retryAfterMs: 1e12 })
    world.pass(90_000)
    world.pass(OUTBOX.longestRetryAfterMs)
    expect(world.sent).toHaveLength(4)
  })

  it('holds back what comes after it, and nobody else', () => {
    const world = worldWith({ hook: webhook, other: webhook })
    world.answer = ({ receiver }) => (receiver === 'hook' ? failedWith() : delivered)
    world.tell(down('us-1'))
    world.pass(5000)
    world.tell(up('us-1'))
    world.pass(5000)
    world.answer = () => delivered
    world.pass(20_000)
    const actions = (id: string) =>
      world.sent.filter(({ receiver }) => receiver === id).map(({ message }) => message.action)
    expect(actions('other')).toEqual(['trigger', 'resolve'])
    expect(actions('hook').toSorted().toReversed()).toEqual(actions('hook'))
    expect(actions('hook').at(-1)).toBe('resolve')
  })

  it('that somebody has to mend is repeated when the configuration changes, or after ten minutes', () => {
    const world = worldWith({ hook: slack })
    world.answer = () => failedWith({ next: 'hold', why: 'there is no secret SLACK_URL' })
    world.tell(down('us-1'))
    world.pass(5000 + OUTBOX.longestRetryMs)
    expect(world.sent.map(({ atMs }) => atMs - NOON_MS)).toEqual([5000, 605_000])
    world.answer = () => delivered
    world.configure({ hook: slack })
    expect(world.sent).toHaveLength(3)
    expect(toReceiverViews(world.state)).toMatchObject([{ pending: 0, delivered: 1, failures: 0 }])
  })

  it('of which nothing is heard counts as lost, and is repeated under the same id', () => {
    const world = worldWith({ hook: webhook })
    world.answer = () => undefined
    world.tell(down('us-1'))
    world.pass(5000 + OUTBOX.leaseMs)
    expect(world.sent.map(({ atMs }) => atMs - NOON_MS)).toEqual([5000, 5000 + OUTBOX.leaseMs])
    expect(world.messages[0]).toEqual(world.messages[1])
  })
})

describe('what waits', () => {
  it('is bounded: the oldest is dropped, counted and told', () => {
    const world = worldWith({ chat: slack })
    const refusals = Array.from({ length: OUTBOX.messages + 7 }, (_, at) =>
      noticeOf({ kind: 'interlock', dedupKey: `interlock:${at}`, title: `refusal ${at}` }),
    )
    world.tell(...refusals)
    expect(Object.keys(world.state.messages)).toHaveLength(OUTBOX.messages)
    expect(toReceiverViews(world.state)).toMatchObject([{ pending: OUTBOX.messages, dropped: 7 }])
    world.pass(6000)
    expect(world.messages).toMatchObject([
      { title: 'refusal 7', lost: 7 },
      { title: 'refusal 8', lost: 0 },
    ])
  })

  it('joins what waits already, so that a receiver who is away gets where things stand', () => {
    const world = worldWith({ hook: webhook })
    world.answer = () => failedWith()
    world.tell(noticeOf({ kind: 'interlock', dedupKey: 'first' }))
    world.pass(5000)
    for (let at = 0; at < 50; at += 1) world.tell(down('us-1'), up('us-1'))
    world.tell(down('us-2'))
    expect(Object.keys(world.state.messages)).toHaveLength(2)
    world.answer = () => delivered
    world.pass(60_000)
    expect(world.messages.at(-1)).toMatchObject({
      title: 'pool us: 1 of 3 origins unhealthy since 12:00:00 UTC',
      notices: [{ title: 'origin us-1 is healthy' }, { title: 'origin us-2 is unhealthy' }],
    })
  })

  it('for a receiver who is removed is dropped', () => {
    const world = worldWith({ hook: webhook, other: webhook })
    world.tell(down('us-1'))
    world.configure({ other: webhook })
    world.pass(5000)
    expect(world.sent.map(({ receiver }) => receiver)).toEqual(['other'])
    expect(world.state.messages).toEqual({})
  })

  it('keeps the distance that a vendor asks for', () => {
    const world = worldWith({ chat: { ...slack, group: '0ms' } })
    for (let at = 0; at < 5; at += 1)
      world.tell(noticeOf({ kind: 'interlock', dedupKey: `i:${at}` }))
    world.pass(10_000)
    const times = world.sent.map(({ atMs }) => atMs - NOON_MS)
    expect(times).toEqual([0, 1000, 2000, 3000, 4000])
  })

  it('is told to three receivers at once, and to the next when one of them answered', () => {
    const ids = ['r-1', 'r-2', 'r-3', 'r-4', 'r-5']
    const world = worldWith(Object.fromEntries(ids.map((id) => [id, webhook])))
    world.answer = ({ receiver }) => (receiver === 'r-5' ? delivered : undefined)
    world.tell(down('us-1'))
    world.pass(5000)
    expect(world.sent.map(({ receiver }) => receiver)).toEqual(['r-1', 'r-2', 'r-3'])
    // Lost, so that their turn is over; those who have waited go first.
    world.pass(OUTBOX.leaseMs)
    const told = world.sent.slice(3).map(({ receiver }) => receiver)
    expect(told).toContain('r-4')
    expect(told).toContain('r-5')
    world.answer = () => delivered
    world.pass(OUTBOX.leaseMs)
    expect(world.state.messages).toEqual({})
  })

  it('is not held up by a clock that jumps back', () => {
    const world = worldWith({ hook: webhook })
    world.answer = () => failedWith()
    world.tell(down('us-1'))
    world.pass(5000)
    world.nowMs -= 86_400_000
    world.tell(down('us-2'))
    expect(world.sent).toHaveLength(2)
  })
})
