import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseHead, toHeadText } from '../../src/cache/envelope.ts'
import {
  admits,
  KV_LIMITS,
  type KvCandidate,
  learn,
  toStamp,
} from '../../src/cache/kv-admission.ts'
import type { Stored } from '../../src/cache/policy/stored.ts'
import { createTierMemory } from '../../src/cache/tier-memory.ts'
import { NOW_MS, storedOf } from '../support/stored.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

interface Case {
  readonly difference?: Partial<Stored>
  readonly hits?: number
  readonly keepMs?: number
}

it.each<readonly [string, boolean, Case]>([
  ['fresh for an hour, just filled', true, {}],
  ['fresh for less, just filled', false, { difference: { freshMs: HOUR_MS - 1 } }],
  ['used twice', true, { difference: { freshMs: MINUTE_MS }, hits: 2 }],
  ['over when it would be seen', false, { difference: { freshMs: MINUTE_MS - 1 }, hits: 2 }],
  ['aged on its way', false, { difference: { initialAgeMs: 1 } }],
  ['aged since', false, { difference: { receivedAtMs: NOW_MS - 1 } }],
  ['kept for less than a minute', false, { hits: 2, keepMs: MINUTE_MS - 1 }],
  ['to be validated each time', false, { difference: { isValidatedAlways: true } }],
  ['as large as KV takes', true, { difference: { bodyBytes: KV_LIMITS.valueBytes } }],
  ['larger', false, { difference: { bodyBytes: KV_LIMITS.valueBytes + 1 } }],
])('an answer that is %s is written: %s', (_, isWritten, given) => {
  const { difference, hits = 0, keepMs = HOUR_MS } = given
  const candidate = { ...candidateOf(difference), keepMs, hits }
  expect(admits(createTierMemory(), candidate, NOW_MS)).toBe(isWritten)
})

function candidateOf(difference: Partial<Stored> = {}): KvCandidate {
  const kept = { type: 'answer', head: storedOf(difference) } as const
  return { name: 'a', kept, keepMs: HOUR_MS, hits: 2 }
}

it('writes a name at most once a minute', () => {
  const memory = createTierMemory()
  learn(memory, 'a', { writtenAtMs: NOW_MS })
  expect(admits(memory, candidateOf({ receivedAtMs: NOW_MS + 59_999 }), NOW_MS + 59_999)).toBe(
    false,
  )
  expect(admits(memory, candidateOf({ receivedAtMs: NOW_MS + 60_000 }), NOW_MS + 60_000)).toBe(true)
})

it('writes nothing over what it has seen to be as new', () => {
  const memory = createTierMemory()
  const kept = { type: 'answer', head: storedOf() } as const
  const candidate = { name: 'a', kept, keepMs: HOUR_MS, hits: 2 }
  learn(memory, 'a', { stands: toStamp(kept), knownAtMs: NOW_MS })
  expect(admits(memory, candidate, NOW_MS)).toBe(false)
  learn(memory, 'a', { stands: { atMs: NOW_MS - 1, vary: '' } })
  expect(admits(memory, candidate, NOW_MS)).toBe(true)
  learn(memory, 'a', { stands: { atMs: NOW_MS, vary: 'accept' } })
  expect(admits(memory, candidate, NOW_MS)).toBe(true)
})

it('writes ten a second of what was just filled, and the rest at its second use', () => {
  const memory = createTierMemory()
  const fill = (at: number, nowMs: number) =>
    admits(
      memory,
      { ...candidateOf({ freshMs: 2 * HOUR_MS }), name: `made-up-${at}`, hits: 0 },
      nowMs,
    )
  const written = Array.from({ length: 50 }, (_, at) => fill(at, NOW_MS)).filter(Boolean)
  expect(written).toHaveLength(10)
  expect(admits(memory, { ...candidateOf(), name: 'made-up-49' }, NOW_MS)).toBe(true)
  expect(fill(50, NOW_MS + 1000)).toBe(true)
})

it('counts the uses of what the isolate does not hold, and forgets names it has not seen for long', () => {
  const memory = createTierMemory()
  const kept = { type: 'answer', head: storedOf({ freshMs: MINUTE_MS }) } as const
  const use = (name: string) => admits(memory, { name, kept, keepMs: HOUR_MS, hits: 1 }, NOW_MS)
  expect(use('a')).toBe(false)
  for (let at = 0; at < KV_LIMITS.names; at += 1) use(`other-${at}`)
  expect(memory.known.size).toBe(KV_LIMITS.names)
  expect(use('a')).toBe(false)
  expect(use('a')).toBe(true)
})

it('writes any head as a line of ASCII, and reads it again', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 })
  const fields = fc.array(fc.tuple(text, text), { maxLength: 4 })
  fc.assert(
    fc.property(text, fields, fc.array(text), (key, given, tags) => {
      const kept = { type: 'answer', head: storedOf({ key, fields: given, tags }) } as const
      const line = toHeadText(kept)
      expect(line).toMatch(/^[\x20-\x7e]*$/)
      expect(parseHead(line)).toEqual(kept)
    }),
    { numRuns: 30 },
  )
})

it('reads nothing that is no head', () => {
  const anything = fc.oneof(
    fc.constant(null),
    fc.string(),
    fc.json(),
    fc.json().map((head) => `{"type":"answer","head":${head}}`),
  )
  fc.assert(
    fc.property(anything, (line) => {
      expect(parseHead(line)).toBeUndefined()
    }),
  )
})
