import { describe, expect, it } from 'vitest'
import { prober } from '../../../src/state/prober/prober.ts'
import { NAME, Rig, planOf, three } from './rig.ts'

/** A prober whose origins have all answered once, and been told so. */
function settled(parts: ConstructorParameters<typeof Rig>[0]): Rig {
  const rig = new Rig(parts)
  const origins = Object.keys(parts.origins ?? {})
  for (const origin of origins) rig.end(origin)
  for (const origin of origins) rig.arrive(origin)
  return rig
}

describe('when one origin stops to answer', () => {
  it('others are looked at, and those that answer clear the network here', () => {
    const rig = settled({ origins: three, monitor: { interval: '1h' } })
    rig.nowMs += 60_000
    rig.step({ type: 'urge', origin: 'a' })
    rig.end('a', 'timeout', 1000)
    expect(rig.probed).toEqual(['b', 'c'])
    expect(rig.reports).toMatchObject([{ isBlind: false }])
    rig.end('b', 'ok')
    rig.end('c', 'ok')
    expect(rig.state.isBlind).toBe(false)
  })

  it('a refusal is an answer: nobody else is looked at', () => {
    const rig = settled({ origins: three, monitor: { interval: '1h' } })
    rig.step({ type: 'urge', origin: 'a' })
    rig.nowMs += 60_000
    rig.step({ type: 'urge', origin: 'a' })
    rig.end('a', 'refused')
    expect(rig.probed).toEqual([])
  })
})

describe('when nothing answers', () => {
  it('all objects are told at once that this prober is blind, and when it sees again', () => {
    const rig = settled({ origins: three, monitor: { interval: '1h' } })
    rig.nowMs += 60_000
    rig.step({ type: 'urge', origin: 'a' })
    for (const origin of ['a', 'b', 'c']) {
      rig.end(origin, 'timeout', 5000)
      rig.arrive(origin)
    }
    expect(rig.state.isBlind).toBe(true)
    rig.wake()
    const told = new Map(rig.reports.map(({ plan, isBlind }) => [plan.origin, isBlind]))
    for (const origin of told.keys()) rig.arrive(origin)
    expect([...told.values()]).toEqual([...told].map(() => true))
    while (rig.probed.length === 0) rig.wake()
    rig.end(rig.probed[0] ?? '', 'ok')
    expect(rig.reports.length).toBeGreaterThan(0)
    expect(rig.reports.every(({ isBlind }) => !isBlind)).toBe(true)
  })

  it.each([
    ['two targets', { a: { url: 'https://a.example.com' }, b: { url: 'https://b.example.com' } }],
    [
      'one host',
      {
        a: { url: 'https://a.example.com' },
        b: { url: 'https://a.example.com:8443' },
        c: { url: 'http://a.example.com:8080' },
      },
    ],
  ])('%s are too few to conclude anything', (_, origins) => {
    const rig = settled({ origins })
    for (let turn = 0; turn < 9; turn += 1) {
      rig.wake()
      for (const origin of rig.probed) rig.end(origin, 'timeout')
    }
    expect(rig.state.isBlind).toBe(false)
  })
})

describe('with the cron as the only driver', () => {
  it('every origin is probed once when it rings, told at once, and no alarm is armed', () => {
    const rig = settled({ origins: three, probing: 'cron' })
    expect(prober.wakeAtMs(rig.state)).toBeUndefined()
    rig.nowMs += 60_000
    rig.step({ type: 'rouse', name: NAME, revision: 1 })
    expect(rig.probed).toEqual(['a', 'b', 'c'])
    rig.step({ type: 'rouse', name: NAME, revision: 1 })
    expect(rig.probed).toEqual([])
    rig.end('a', 'ok')
    expect(rig.reported).toEqual([['a', 'ok']])
    rig.end('b', 'timeout')
    expect(rig.reported).toEqual([['b', 'timeout']])
    expect(rig.probed).toEqual([])
    expect(prober.wakeAtMs(rig.state)).toBeUndefined()
  })

  it('begins with alarms when a new plan says so', () => {
    const rig = settled({ origins: three, probing: 'cron' })
    rig.step({ type: 'rouse', name: NAME, revision: 2 })
    rig.step({ type: 'planned', plan: planOf({ revision: 2, origins: three }) })
    expect(rig.probed).toEqual(['a', 'b', 'c'])
    expect(prober.wakeAtMs(rig.state)).toBeGreaterThan(rig.nowMs)
  })
})

describe('a clock that goes back', () => {
  it('leaves nothing waiting for a time that is far away now', () => {
    const rig = settled({ origins: three })
    rig.nowMs -= 3_600_000
    rig.step({ type: 'wake' })
    expect(rig.probed).toEqual(['a', 'b', 'c'])
  })
})
