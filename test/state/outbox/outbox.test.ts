import { describe, expect, it } from 'vitest'
import { toReceiverViews } from '../../../src/state/outbox/outbox.ts'
import {
  down,
  NOON_MS,
  noticeOf,
  OutboxWorld,
  pagerduty,
  poolDown,
  slack,
  up,
  webhook,
  worldWith,
} from './world.ts'

describe('a notice', () => {
  it('is told to everybody who wants its kind, once its group is complete', () => {
    const world = worldWith({
      hook: webhook,
      ramps: { ...webhook, kinds: ['ramp'] },
      late: { ...slack, group: '1m' },
    })
    world.tell(down('us-1'))
    world.pass(4999)
    expect(world.sent).toEqual([])
    world.pass(1)
    expect(world.sent).toMatchObject([
      {
        receiver: 'hook',
        address: webhook,
        message: {
          action: 'trigger',
          severity: 'error',
          title: 'origin us-1 is unhealthy',
          text: '3 of 3 regions: connection refused',
          dedupKey: 'portolan/pool:us',
          lost: 0,
        },
      },
    ])
    world.pass(60_000)
    expect(world.sent.map(({ receiver }) => receiver)).toEqual(['hook', 'late'])
    expect(world.state.messages).toEqual({})
  })

  it('goes at once where nothing is grouped', () => {
    const world = worldWith({ hook: { ...webhook, group: '0ms' } })
    world.tell(down('us-1'))
    expect(world.messages).toHaveLength(1)
  })

  it('told to nobody leaves nothing behind', () => {
    const world = worldWith({})
    world.tell(down('us-1'), up('us-1'))
    expect(world.state).toMatchObject({ messages: {}, matters: {} })
  })

  it('is cut where it is too long, never through a character', () => {
    const world = worldWith({ hook: { ...webhook, group: '0ms' } })
    world.tell(noticeOf({ text: '🚦'.repeat(1000), dedupKey: 'k'.repeat(300) }))
    const [message] = world.messages
    expect(message?.text).toBe(`${'🚦'.repeat(511)}…`)
    expect(message?.notices[0]?.dedupKey).toHaveLength(200)
  })
})

describe('a region that falls', () => {
  it('is one message that counts its origins', () => {
    const world = worldWith({ hook: webhook })
    world.tell(down('us-1'))
    world.pass(1000)
    world.tell(down('us-2', { atMs: NOON_MS + 1000 }))
    world.pass(1000)
    world.tell(down('us-3'), poolDown())
    world.pass(60_000)
    expect(world.messages).toMatchObject([
      {
        action: 'trigger',
        severity: 'critical',
        title: 'pool us is down: 3 of 3 origins unhealthy since 12:00:00 UTC',
        notices: [{}, {}, {}, {}],
        omitted: 0,
      },
    ])
    expect(world.messages[0]?.text.split('\n')).toEqual([
      '- origin us-1 is unhealthy: 3 of 3 regions: connection refused',
      '- origin us-2 is unhealthy: 3 of 3 regions: connection refused',
      '- origin us-3 is unhealthy: 3 of 3 regions: connection refused',
      '- pool us is down: 0 of 3 usable',
    ])
  })

  it('counts those that were down before, and says what is only degraded', () => {
    const world = worldWith({ hook: webhook })
    world.tell(down('us-1'))
    world.pass(10_000)
    world.tell(down('us-2', { severity: 'warning' }), down('us-3'))
    world.pass(10_000)
    expect(world.messages[1]).toMatchObject({
      title: 'pool us: 3 of 3 origins not healthy since 12:00:00 UTC',
      severity: 'error',
    })
  })

  it('lists ten notices and counts the rest; the pool is always among them', () => {
    const ids = Array.from({ length: 40 }, (_, at) => `us-${at + 1}`)
    const world = new OutboxWorld()
    world.configure({ hook: webhook }, ids)
    const subject = { type: 'origin', pool: 'us', origins: 40 } as const
    world.tell(...ids.map((id) => down(id, { subject: { ...subject, id } })), poolDown())
    world.pass(5000)
    const [message] = world.messages
    expect(message?.title).toBe('pool us is down: 40 of 40 origins unhealthy since 12:00:00 UTC')
    expect(message?.notices).toHaveLength(10)
    expect(message?.notices.at(-1)?.subject).toEqual({ type: 'pool', id: 'us' })
    expect(message?.omitted).toBe(31)
    expect(message?.text).toContain('- and 31 more')
  })

  it('that was back before anybody was told is told as over', () => {
    const world = worldWith({ hook: webhook })
    world.tell(down('us-1'))
    world.tell(up('us-1'))
    world.pass(5000)
    expect(world.messages).toMatchObject([
      { action: 'resolve', severity: 'info', title: 'origin us-1 is healthy', notices: [{}] },
    ])
  })

  it('is over when all of it is', () => {
    const world = worldWith({ hook: webhook })
    world.tell(down('us-1'), down('us-2'), poolDown())
    world.pass(5000)
    world.tell(up('us-1'))
    world.pass(5000)
    const poolUp = poolDown({ title: 'pool us is up', severity: 'info', resolves: true })
    world.tell(up('us-2'), poolUp)
    world.pass(5000)
    expect(world.messages.map(({ action, title }) => [action, title])).toEqual([
      ['trigger', 'pool us is down: 2 of 3 origins unhealthy since 12:00:00 UTC'],
      ['trigger', 'origin us-1 is healthy'],
      ['resolve', 'pool us is up: 1 of its origins recovered'],
    ])
  })
})

describe('an incident', () => {
  it('opens, grows and is resolved under one key, and not told of each recovery', () => {
    const world = worldWith({ pd: pagerduty })
    world.tell(down('us-1'))
    world.pass(5000)
    world.tell(down('us-2'))
    world.pass(5000)
    world.tell(up('us-1'))
    world.pass(5000)
    world.tell(up('us-2'))
    world.pass(5000)
    expect(world.messages.map(({ action, dedupKey }) => [action, dedupKey])).toEqual([
      ['trigger', 'portolan/pool:us'],
      ['trigger', 'portolan/pool:us'],
      ['resolve', 'portolan/pool:us'],
    ])
  })

  it('is not made of what is only good to know', () => {
    const step = noticeOf({ kind: 'ramp', severity: 'info', dedupKey: 'ramp:pool:us' })
    const world = worldWith({ pd: pagerduty, hook: webhook })
    world.tell(step)
    world.pass(5000)
    expect(world.sent.map(({ receiver, message }) => [receiver, message.action])).toEqual([
      ['hook', 'inform'],
    ])
  })

  it('stays open when a ramp that was held takes a step', () => {
    const held = noticeOf({ kind: 'ramp', severity: 'warning', dedupKey: 'ramp:pool:us' })
    const world = worldWith({ pd: pagerduty })
    world.tell(held)
    world.pass(5000)
    world.tell({ ...held, severity: 'info' })
    world.pass(5000)
    expect(world.messages.map(({ action }) => action)).toEqual(['trigger'])
    world.tell({ ...held, severity: 'info', resolves: true })
    world.pass(5000)
    expect(world.messages.map(({ action }) => action)).toEqual(['trigger', 'resolve'])
  })

  it('of a refused change stands by itself, whatever its pool does', () => {
    const world = worldWith({ pd: pagerduty })
    const subject = { type: 'pool', id: 'us' } as const
    world.tell(down('us-1'), noticeOf({ kind: 'interlock', subject, dedupKey: 'interlock:1' }))
    world.pass(6000)
    expect(world.messages.map(({ dedupKey }) => dedupKey)).toEqual([
      'portolan/pool:us',
      'portolan/interlock:1',
    ])
  })

  it('is over when its origin is no longer configured', () => {
    const world = worldWith({ pd: pagerduty })
    world.tell(down('us-3'))
    world.pass(5000)
    world.configure({ pd: pagerduty }, ['us-1', 'us-2'])
    world.pass(5000)
    expect(world.messages[1]).toMatchObject({
      action: 'resolve',
      title: 'origin us-3 is no longer configured',
    })
    expect(world.state.matters).toEqual({})
  })
})

/** That a record answers otherwise now. */
function moved(record: string) {
  return noticeOf({
    kind: 'dns',
    severity: 'info',
    subject: { type: 'record', id: record, zone: 'own/example.com' },
    title: `DNS record ${record} answers 192.0.2.2`,
    dedupKey: `dns:changed:record:${record}`,
  })
}

describe('a notice about DNS', () => {
  it('is told to who names no kinds, together with all of its zone', () => {
    const world = worldWith({ hook: webhook, health: { ...webhook, kinds: ['health'] } })
    world.tell(moved('a'), moved('b'))
    world.pass(5000)
    expect(world.sent).toMatchObject([
      {
        receiver: 'hook',
        message: {
          action: 'inform',
          title: 'zone own/example.com: 2 notices, the last: DNS record b answers 192.0.2.2',
        },
      },
    ])
  })

  it('is over when its record or its zone is no longer configured', () => {
    const world = worldWith({ hook: { ...webhook, group: '0ms' } })
    const failing = { kind: 'dns', severity: 'error' } as const
    const subject = { type: 'record', id: 'a', zone: 'own/example.com' } as const
    world.tell(
      noticeOf({ ...failing, subject, dedupKey: 'dns:apart:record:a' }),
      noticeOf({ ...failing, subject: { type: 'zone', id: 'own/example.com' }, dedupKey: 'dns:z' }),
    )
    expect(Object.keys(world.state.matters)).toHaveLength(2)
    world.configure({ hook: { ...webhook, group: '0ms' } })
    expect(world.state.matters).toEqual({})
  })

  it('leaves the receivers of a state as release 0.3.0 can read them', () => {
    const { state } = worldWith({ hook: webhook })
    expect(state.outbox.receivers).toMatchObject({
      hook: { kinds: ['health', 'ramp', 'interlock'] },
    })
    expect(toReceiverViews(state)).toMatchObject([
      { id: 'hook', kinds: ['health', 'ramp', 'interlock', 'dns'] },
    ])
  })
})
