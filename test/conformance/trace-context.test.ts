import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mainPool, request, type Rig, startRig, TO_MAIN } from './rig.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const VALID = `00-${TRACE}-${PARENT}-01`
const MADE = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00$/

let passing: Rig
let making: Rig

beforeAll(async () => {
  passing = await startRig((url) => ({
    pools: mainPool(url),
    routes: { rest: { steer: TO_MAIN } },
  }))
  making = await startRig((url) => ({
    settings: { forwarding: ['traceparent'] },
    pools: mainPool(url),
    routes: { rest: { steer: TO_MAIN } },
  }))
})
afterAll(() => Promise.all([passing.stop(), making.stop()]))

const KEPT: readonly (readonly [what: string, value: string, section: string])[] = [
  ['sampled', VALID, '§3.2.2.5'],
  ['not sampled', `00-${TRACE}-${PARENT}-00`, '§3.2.2.5'],
  ['with flags that are not defined yet', `00-${TRACE}-${PARENT}-ff`, '§3.2.2.5'],
  ['of a later version', `cc-${TRACE}-${PARENT}-01`, '§3.2.4'],
  [
    'of a later version that says more',
    `cc-${TRACE}-${PARENT}-01-what-the-future-will-be-like`,
    '§3.2.4',
  ],
]

const DROPPED: readonly (readonly [what: string, value: string, section: string])[] = [
  ['of version ff', `ff-${TRACE}-${PARENT}-01`, '§3.2.2.1'],
  ['with a trace id of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`, '§3.2.2.3'],
  ['with a parent id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`, '§3.2.2.4'],
  ['in upper case', VALID.toUpperCase(), '§3.2.2'],
  ['of version 00 that says more', `${VALID}-extra`, '§3.2.2.1'],
  ['of a later version that goes on without a hyphen', `cc-${TRACE}-${PARENT}-01.x`, '§3.2.4'],
  ['that is too short', `00-${TRACE.slice(1)}-${PARENT}-01`, '§3.2.2.3'],
  ['with a letter that is no digit', `00-${TRACE.replace('4', 'g')}-${PARENT}-01`, '§3.2.2.3'],
  ['without flags', `00-${TRACE}-${PARENT}`, '§3.2.2.5'],
  ['that stands twice', `${VALID}\r\ntraceparent: ${VALID}`, '§3.2.1'],
  ['that is empty', '', '§3.2.2'],
]

describe('a traceparent', () => {
  test.each(KEPT)(
    '%s passes as it is, with its tracestate [Trace Context %3$s]',
    async (_, value) => {
      for (const rig of [passing, making]) {
        const got = await rig.exchange(
          request('GET /', [`traceparent: ${value}`, 'tracestate: a=1,b@c=2']),
        )
        expect([got.sent('traceparent'), got.sent('tracestate')]).toEqual([[value], ['a=1,b@c=2']])
      }
    },
  )

  test.each(DROPPED)(
    '%s is dropped, with its tracestate [Trace Context %3$s]',
    async (_, value) => {
      const got = await passing.exchange(
        request('GET /', [`traceparent: ${value}`, 'tracestate: a=1']),
      )
      expect([got.status, got.sent('traceparent'), got.sent('tracestate')]).toEqual([200, [], []])
    },
  )

  test.each(DROPPED)(
    '%s is replaced where the router makes them [Trace Context %3$s]',
    async (_, value) => {
      const got = await making.exchange(
        request('GET /', [`traceparent: ${value}`, 'tracestate: a=1']),
      )
      expect(got.sent('traceparent')).toEqual([expect.stringMatching(MADE)])
      expect(got.sent('traceparent')[0]).not.toContain(TRACE)
      expect(got.sent('tracestate')).toEqual([])
    },
  )

  test('is named without regard to case [Trace Context §3.2.1]', async () => {
    const got = await passing.exchange(
      request('GET /', [`TraceParent: ${VALID}`, 'TRACESTATE: a=1']),
    )
    expect([got.sent('traceparent'), got.sent('tracestate')]).toEqual([[VALID], ['a=1']])
  })
})

describe('without a traceparent', () => {
  test('a tracestate is dropped where the router begins a trace of its own [Trace Context §3.3]', async () => {
    const got = await making.exchange(request('GET /', ['tracestate: a=1']))
    expect([got.sent('traceparent'), got.sent('tracestate')]).toEqual([
      [expect.stringMatching(MADE)],
      [],
    ])
  })

  test('a new one is made where settings.forwarding asks, another for each request [Trace Context §3.2.2]', async () => {
    const one = await making.exchange(request('GET /'))
    const other = await making.exchange(request('GET /'))
    expect(one.sent('traceparent')).toEqual([expect.stringMatching(MADE)])
    expect(one.sent('traceparent')).not.toEqual(other.sent('traceparent'))
  })
})

test('several tracestate fields are one list, in order [Trace Context §3.3]', async () => {
  const got = await passing.exchange(
    request('GET /', [`traceparent: ${VALID}`, 'tracestate: a=1', 'tracestate: b=2']),
  )
  expect(got.sent('tracestate').join(',').replaceAll(' ', '')).toBe('a=1,b=2')
})
