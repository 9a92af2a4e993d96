import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { Monitor } from '../../../src/schema/monitor.ts'
import { REPORT_LIMITS } from '../../../src/schema/report-limits.ts'
import { isSilence, judge, needsBody } from '../../../src/state/prober/expectation.ts'

type AuthoredExpectation = NonNullable<z.input<typeof Monitor>['expect']>

function expectationOf(authored: AuthoredExpectation) {
  return Monitor.parse({ expect: authored }).expect
}

function judgedStatus(status: number, expected: AuthoredExpectation['status'] = '2xx'): string {
  return judge(expectationOf({ status: expected }), { status, body: undefined })
}

function judged(authored: AuthoredExpectation, body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return judge(expectationOf(authored), { status: 200, body: { text, isCut: false } })
}

it('takes the statuses of a class, or those of a list', () => {
  expect(judgedStatus(204)).toBe('')
  expect(judgedStatus(302)).toBe('status 302, expected 2xx')
  expect(judgedStatus(401, [200, 401])).toBe('')
  expect(judgedStatus(500, [200, 401])).toBe('status 500, expected 200, 401')
})

it('says what the platform means by a status of its own', () => {
  expect(judgedStatus(521)).toBe('status 521 (connection refused), expected 2xx')
  expect(judgedStatus(526)).toBe('status 526 (its certificate is not valid), expected 2xx')
  expect([521, 522, 523, 525, 530].filter(isSilence)).toEqual([522, 523, 530])
})

it('wants a body only where something is expected of it', () => {
  expect(needsBody(expectationOf({}))).toBe(false)
  expect(needsBody(expectationOf({ body: 'ok' }))).toBe(true)
  expect(needsBody(expectationOf({ json: ['/a == 1'] }))).toBe(true)
})

it('looks for a text letter for letter', () => {
  expect(judged({ body: 'all good' }, 'well, all good here')).toBe('')
  expect(judged({ body: 'all good' }, 'all Good')).toBe('the body does not contain "all good"')
})

describe('a deep health body', () => {
  const health = {
    status: 'ok',
    ready: true,
    version: null,
    'a/b': { 'c~d': 3 },
    components: {
      replication: {
        replicas: [
          { name: 'r1', lag_seconds: 0.4 },
          { name: 'r2', lag_seconds: 7.25 },
        ],
      },
    },
  }

  it.each([
    ['/status == "ok"'],
    ['/status != "bad"'],
    ['/ready == true'],
    ['/version == null'],
    ['/a~1b/c~0d >= 3'],
    ['/components/replication/replicas/0/lag_seconds < 0.5'],
    ['/components/replication/replicas/*/lag_seconds < 10'],
    ['/components/*/replicas/*/lag_seconds > 0'],
    ['/components/replication/replicas/*/name != "r3"'],
  ])('%s holds', (assertion) => {
    expect(judged({ json: [assertion] }, health)).toBe('')
  })

  it.each([
    [
      '/components/replication/replicas/*/lag_seconds < 5',
      '/components/replication/replicas/1/lag_seconds is 7.25, expected < 5',
    ],
    ['/status == "down"', '/status is "ok", expected == "down"'],
    ['/ready != true', '/ready is true, expected != true'],
    ['/status < 5', '/status is "ok", expected < 5'],
    ['/db/lag < 5', 'nothing at /db'],
    [
      '/components/replication/replicas/2/name == "r3"',
      'nothing at /components/replication/replicas/2',
    ],
    [
      '/components/replication/replicas/length == 2',
      'nothing at /components/replication/replicas/length',
    ],
    [
      '/components/replication/replicas/00/name == "r1"',
      'nothing at /components/replication/replicas/00',
    ],
    ['/constructor != 1', 'nothing at /constructor'],
    ['/__proto__/x != 1', 'nothing at /__proto__'],
    ['/status/* == "o"', 'nothing at /status/*'],
    ['/components != null', ''],
    ['/components == 1', '/components is an object, expected == 1'],
    [' == 1', 'the body is an object, expected == 1'],
  ])('of %s it says: %s', (assertion, said) => {
    expect(judged({ json: [assertion] }, health)).toBe(said)
  })

  it('says the first of several that does not hold', () => {
    const json = ['/status == "ok"', '/ready == false', '/gone == 1']
    expect(judged({ json }, health)).toBe('/ready is true, expected == false')
  })

  it('has nothing against an empty list', () => {
    expect(judged({ json: ['/replicas/*/lag < 5'] }, { replicas: [] })).toBe('')
  })

  it('that is no JSON, or too long to be read whole, is not well', () => {
    expect(judged({ json: ['/a == 1'] }, '<html>')).toBe('the body is not JSON')
    const answer = { status: 200, body: { text: '{"a":1', isCut: true } }
    expect(judge(expectationOf({ json: ['/a == 1'] }), answer)).toBe(
      'the body is longer than 65536 bytes: not read as JSON',
    )
  })

  it('is never quoted at length', () => {
    const said = judged({ json: ['/a == 1'] }, { a: 'x'.repeat(5000) })
    expect(said).toMatch(/^\/a is "x{30,40}…, expected == 1$/)
    const long = judged({ json: [`/${'k'.repeat(400)} == 1`] }, {})
    expect(long).toHaveLength(REPORT_LIMITS.detail)
  })

  it('whatever it is, it is judged and nothing is thrown', () => {
    const assertions = fc.constantFrom(
      '/a/*/b < 1',
      '/* != null',
      ' == 1',
      '/0/1 > 2',
      '/a~1b == ""',
    )
    fc.assert(
      fc.property(fc.jsonValue(), assertions, (body, assertion) => {
        const said = judged({ json: [assertion] }, body)
        expect(said.length).toBeLessThanOrEqual(REPORT_LIMITS.detail)
      }),
    )
  })
})
