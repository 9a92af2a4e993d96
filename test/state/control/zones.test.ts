import { describe, expect, it } from 'vitest'
import type { DnsNews } from '../../../src/schema/dns-news.ts'
import { heardOf, hearZone } from '../../../src/state/control/zones.ts'

const ZONE = 'pdns/example.com'

function newsOf(sequence: number): DnsNews {
  const actor = { name: 'portolan', from: '' }
  const deed = { action: 'dns.change', target: `record:r${sequence}`, actor, reason: 'it moved' }
  return { sequence, atMs: 1000 + sequence, deed }
}

/** Tells news in several calls, and gives the targets of what came into the audit log. */
function tellAll(...calls: readonly (readonly number[])[]) {
  let zones = {}
  const audited: string[] = []
  for (const sequences of calls) {
    const told = { zone: ZONE, items: sequences.map(newsOf) }
    const [next, effects] = hearZone(zones, told, 5000)
    zones = next
    for (const effect of effects) if (effect.type === 'audit') audited.push(effect.deed.target)
  }
  return { audited, upTo: heardOf(zones, ZONE) }
}

describe('news of a zone', () => {
  it('are each taken once, however often they are told', () => {
    expect(tellAll([1, 2], [1, 2], [2, 3], [3], [])).toEqual({
      audited: ['record:r1', 'record:r2', 'record:r3'],
      upTo: 3,
    })
  })

  it('are taken in their order, and never doubled within one call', () => {
    expect(tellAll([3, 1, 2, 2])).toEqual({
      audited: ['record:r1', 'record:r2', 'record:r3'],
      upTo: 3,
    })
  })

  it('bear the time at which it happened, and say what operators hear', () => {
    const notice = {
      id: 'dns:1',
      kind: 'dns',
      severity: 'warning',
      subject: { type: 'record', id: 'r1', zone: ZONE },
      title: 'record r1 moved',
      text: '',
      dedupKey: 'dns:r1',
      resolves: false,
      atMs: 1001,
    } as const
    const { deed } = newsOf(1)
    const [, effects] = hearZone({}, { zone: ZONE, items: [{ ...newsOf(1), notice }] }, 9000)
    expect(effects).toEqual([
      { type: 'audit', deed, atMs: 1001 },
      { type: 'notice', notice },
    ])
  })

  it('of another zone have numbers of their own', () => {
    const [zones] = hearZone({}, { zone: ZONE, items: [newsOf(7)] }, 5000)
    const [next, effects] = hearZone(zones, { zone: 'r53/example.org', items: [newsOf(1)] }, 5000)
    expect(effects).toHaveLength(1)
    expect([heardOf(next, ZONE), heardOf(next, 'r53/example.org')]).toEqual([7, 1])
  })

  it('that are known change nothing', () => {
    const [zones] = hearZone({}, { zone: ZONE, items: [newsOf(7)] }, 5000)
    expect(hearZone(zones, { zone: ZONE, items: [newsOf(7)] }, 6000)[0]).toBe(zones)
  })

  it('are remembered of a thousand zones: who was silent longest is forgotten', () => {
    let zones = {}
    for (let at = 0; at <= 1000; at += 1) {
      ;[zones] = hearZone(zones, { zone: `p/z${at}.example`, items: [newsOf(1)] }, at)
    }
    expect(Object.keys(zones)).toHaveLength(1000)
    expect([heardOf(zones, 'p/z0.example'), heardOf(zones, 'p/z1.example')]).toEqual([0, 1])
  })
})
