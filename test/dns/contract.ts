import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DnsZone } from '../../dns/provider.ts'
import type { DnsProvider } from '../../src/schema/dns-provider.ts'
import {
  ChangeResult,
  type DnsChange,
  type RecordKey,
  type RecordSet,
} from '../../src/schema/dns-record-set.ts'
import { toCanonicalValues } from '../../src/schema/dns-value.ts'
import { type DnsOpening, openZoneInWorker } from '../support/dns-zone.ts'
import { describeFaults } from './contract-faults.ts'
import { ODD_VALUES } from './odd-values.ts'

/** A provider under test: a zone that is empty but for what a zone must have. */
export interface Stage extends DnsOpening {
  /** The settings with another server on this port of 127.0.0.1. */
  at(port: number): DnsProvider
  /** Secrets in the right form that the server does not accept. */
  readonly wrong: DnsOpening['bindings']
  /** Puts a record set there without our mark, as somebody else would. */
  plant(set: RecordSet): Promise<void>
  stop(): Promise<void>
}

/** What every provider does, in the same words; a test of a provider calls this and adds what is its own. */
export interface Contract {
  start(): Promise<Stage>
  /** An answer that is none: over HTTP, or by DNS over TCP. */
  readonly garbage: string
  /** An answer that refuses, and repeats what the server was told. */
  readonly echo: (said: string) => string
}

const mark = { owner: 'portolan', record: 'www' }
const theirs = { owner: 'another', record: 'www' }

/** One suite that all providers of DNS pass. */
export function describeDnsZone(contract: Contract): void {
  let stage: Stage
  let zone: DnsZone
  /** A name that no other test uses. */
  const nameFor = (label: string) => `${label}.${stage.zone}`
  const setFor = (label: string, more: Partial<RecordSet> = {}): RecordSet => ({
    name: nameFor(label),
    type: 'A',
    ttl: 60,
    values: ['192.0.2.1'],
    mark,
    ...more,
  })
  /** What became of each change; of one that failed, why. */
  const apply = async (...changes: readonly Omit<DnsChange, 'record' | 'reason'>[]) => {
    const whole = changes.map((change) => ({ record: 'www', reason: 'a test', ...change }))
    return (await zone.apply(whole)).map(toOutcome)
  }
  const make = async (set: RecordSet) => {
    const [outcome] = await apply({ after: set })
    if (outcome !== 'done') throw new Error(`it was not made: ${outcome}`)
  }
  const standing = async (...keys: readonly RecordKey[]) => {
    const asked = await zone.read(keys)
    if (!asked.ok) throw new Error(`it was not read: ${asked.failure.detail}`)
    return asked.value
  }

  beforeAll(async () => {
    stage = await contract.start()
    zone = openZoneInWorker(stage)
  })

  afterAll(() => stage?.stop())

  describe('what is wanted', () => {
    it('is made with its mark, changed, and removed', async () => {
      const first = setFor('life')
      expect(await standing(first)).toEqual([])
      await make(first)
      expect(await standing(first)).toEqual([first])
      const second = { ...first, values: ['192.0.2.2', '192.0.2.3'] }
      expect(await apply({ before: first, after: second })).toEqual(['done'])
      expect(await standing(first)).toEqual([second])
      const third = { ...second, ttl: 30 }
      expect(await apply({ before: second, after: third })).toEqual(['done'])
      expect(await standing(first)).toEqual([third])
      expect(await apply({ before: third })).toEqual(['done'])
      expect(await standing(first)).toEqual([])
    })

    it('is done when it stands already, and nothing is written twice', async () => {
      const first = setFor('again')
      const second = { ...first, values: ['192.0.2.2'] }
      await make(first)
      expect(await apply({ after: first })).toEqual(['done'])
      expect(await apply({ before: first, after: second })).toEqual(['done'])
      expect(await apply({ before: first, after: second })).toEqual(['done'])
      expect(await standing(first)).toEqual([second])
      expect(await apply({ before: second })).toEqual(['done'])
      expect(await apply({ before: second })).toEqual(['done'])
      expect(await standing(first)).toEqual([])
    })

    it('stands beside record sets of other types of its name', async () => {
      const [four, six] = [
        setFor('both'),
        setFor('both', { type: 'AAAA', values: ['2001:db8::1'] }),
      ]
      await make(four)
      await make(six)
      expect(await apply({ before: four })).toEqual(['done'])
      expect(await standing(four)).toEqual([])
      expect(await standing(six)).toEqual([six])
    })

    it.each(['*', '*.deep'])('may have the name "%s"', async (label) => {
      const set = setFor(label)
      await make(set)
      expect(await standing(set)).toEqual([set])
      // An answer is made up for every name below it, and it is that of no record set.
      const below = setFor(label.replace('*', 'below'))
      expect(await standing(below)).toEqual([])
      expect(await apply({ before: set })).toEqual(['done'])
      expect(await standing(set)).toEqual([])
    })

    it('may have the name of the zone', async () => {
      const set = setFor('', { name: stage.zone })
      await make(set)
      expect(await standing(set)).toEqual([set])
      expect(await apply({ before: set })).toEqual(['done'])
      expect(await standing(set)).toEqual([])
    })

    it('becomes another type by a removal and a creation in one apply', async () => {
      const address = setFor('turned')
      const alias = setFor('turned', { type: 'CNAME', values: ['www.example.net'] })
      await make(address)
      expect(await apply({ before: address }, { after: alias })).toEqual(['done', 'done'])
      expect(await standing(address)).toEqual([])
      expect(await standing(alias)).toEqual([alias])
    })

    it('is read for many names at once', async () => {
      const sets = Array.from({ length: 25 }, (_, at) => setFor(`many-${at}`))
      const outcomes = await apply(...sets.map((after) => ({ after })))
      expect(outcomes).toEqual(sets.map(() => 'done'))
      const read = await standing(...sets, setFor('none'))
      expect(byName(read)).toEqual(byName(sets))
    })

    it.each(ODD_VALUES)('may be $type $values', async ({ type, values }) => {
      const odd = setFor('odd', { type, values: toCanonicalValues(type, values) })
      await make(odd)
      expect(await standing(odd)).toEqual([odd])
      expect(await apply({ before: odd })).toEqual(['done'])
      expect(await standing(odd)).toEqual([])
    })
  })

  describe('what is not as it was said to be', () => {
    const moved = { values: ['192.0.2.9'] }

    it('is somebody else’s without a mark: whoever asks, it is left alone', async () => {
      const { mark: _, ...unmarked } = setFor('unmarked')
      await stage.plant(unmarked)
      expect(await standing(unmarked)).toEqual([unmarked])
      const after = { ...unmarked, ...moved, mark }
      expect(await apply({ after })).toEqual(['conflict'])
      expect(await apply({ before: unmarked, after })).toEqual(['conflict'])
      expect(await apply({ before: { ...unmarked, mark }, after })).toEqual(['conflict'])
      expect(await apply({ before: { ...unmarked, mark }, after: { ...unmarked, mark } })).toEqual([
        'conflict',
      ])
      expect(await apply({ before: unmarked })).toEqual(['conflict'])
      expect(await apply({ before: { ...unmarked, mark } })).toEqual(['conflict'])
      expect(await standing(unmarked)).toEqual([unmarked])
    })

    it('is left alone with the mark of another owner', async () => {
      const other = setFor('other', { mark: theirs })
      await make(other)
      expect(await standing(other)).toEqual([other])
      expect(await apply({ after: { ...other, ...moved, mark } })).toEqual(['conflict'])
      expect(await apply({ before: other, after: { ...other, ...moved, mark } })).toEqual([
        'conflict',
      ])
      expect(await apply({ before: { ...other, mark } })).toEqual(['conflict'])
      expect(await standing(other)).toEqual([other])
    })

    it('is never written without a mark', async () => {
      const { mark: _, ...after } = setFor('bare')
      expect(await apply({ after })).toEqual(['conflict'])
      expect(await standing(after)).toEqual([])
    })

    it.each<[string, Partial<RecordSet>]>([
      ['values', { values: ['192.0.2.7'] }],
      ['one value more', { values: ['192.0.2.1', '192.0.2.7'] }],
      ['TTL', { ttl: 300 }],
      ['mark', { mark: { ...mark, record: 'some-other' } }],
    ])('is left alone with another %s', async (_, difference) => {
      const stands = setFor('differs')
      await make(stands)
      const before = { ...stands, ...difference }
      expect(await apply({ before, after: { ...stands, ...moved } })).toEqual(['conflict'])
      expect(await apply({ before })).toEqual(['conflict'])
      expect(await standing(stands)).toEqual([stands])
      expect(await apply({ before: stands })).toEqual(['done'])
    })

    it('is not made where it has gone, nor where it has come', async () => {
      const set = setFor('gone')
      expect(await apply({ before: set, after: { ...set, ...moved } })).toEqual(['conflict'])
      expect(await standing(set)).toEqual([])
      await make(set)
      expect(await apply({ after: { ...set, ...moved } })).toEqual(['conflict'])
      expect(await standing(set)).toEqual([set])
    })
  })

  describe('of several changes', () => {
    it('one that conflicts stops no other', async () => {
      const [first, stands, last] = [setFor('one'), setFor('two'), setFor('three')]
      await make(stands)
      const wrong = { ...stands, values: ['192.0.2.7'] }
      const outcomes = await apply(
        { after: first },
        { before: wrong, after: { ...stands, ttl: 30 } },
        { after: last },
      )
      expect(outcomes).toEqual(['done', 'conflict', 'done'])
      for (const set of [first, stands, last]) expect(await standing(set)).toEqual([set])
    })

    it('one that is declined stops no other', async () => {
      const [first, bad, last] = [
        setFor('good'),
        setFor('bad', { values: ['192.0.2.999'] }),
        setFor('also'),
      ]
      const outcomes = await apply({ after: first }, { after: bad }, { after: last })
      expect(outcomes).toEqual(['done', expect.stringMatching(/^failed: refused/), 'done'])
      expect(await standing(first)).toEqual([first])
      expect(await standing(bad)).toEqual([])
      expect(await standing(last)).toEqual([last])
    })

    it('none is not a request', async () => {
      expect(await apply()).toEqual([])
      expect(await standing()).toEqual([])
    })
  })

  it('an alias is not put beside an address', async () => {
    const [address, alias] = [
      setFor('beside'),
      setFor('beside', { type: 'CNAME', values: ['www.example.net'] }),
    ]
    await make(address)
    expect(await apply({ after: alias })).toEqual([expect.stringMatching(/^failed|^conflict/)])
    expect(await standing(address)).toEqual([address])
    expect(await standing(alias)).toEqual([])
  })

  describeFaults(contract, () => stage)
}

function toOutcome(result: ChangeResult): string {
  const parsed = ChangeResult.parse(result)
  if (!('failure' in parsed)) return parsed.outcome
  return `${parsed.outcome}: ${parsed.failure.kind}: ${parsed.failure.detail}`
}

function byName(sets: readonly RecordSet[]): readonly RecordSet[] {
  return sets.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}
