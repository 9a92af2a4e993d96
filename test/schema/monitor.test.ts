import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { JsonAssertion } from '../../src/schema/json-assertion.ts'
import { Monitor } from '../../src/schema/monitor.ts'

describe('a monitor', () => {
  it('takes its pace from its profile where it says nothing itself', () => {
    const { interval, unhealthyInterval, timeout, fall, rise } = Monitor.parse({ profile: 'fast' })
    expect({ interval, unhealthyInterval, timeout, fall, rise }).toEqual({
      interval: 5000,
      unhealthyInterval: 1000,
      timeout: 2000,
      fall: 3,
      rise: 2,
    })
    expect(Monitor.parse({ profile: 'fast', fall: 1 })).toMatchObject({ interval: 5000, fall: 1 })
  })

  it('never waits longer than until its next probe, nor probes less often when in doubt', () => {
    const { timeout, unhealthyInterval } = Monitor.parse({ interval: '2s' })
    expect({ timeout, unhealthyInterval }).toEqual({ timeout: 2000, unhealthyInterval: 2000 })
  })

  it.each<[z.input<typeof Monitor>, string]>([
    [
      { interval: '5s', timeout: '10s' },
      '"timeout" is longer than "interval": a probe would not end before the next',
    ],
    [
      { interval: '5s', unhealthyInterval: '10s' },
      '"unhealthyInterval" is longer than "interval": in doubt it would look less often',
    ],
    [
      { type: 'tcp', expect: { body: 'ok' } },
      'a "tcp" monitor opens a connection and reads nothing: it expects no body',
    ],
    [
      { type: 'tcp', port: 25 },
      'the platform opens no connections to port 25: probe another port of the mail server',
    ],
    [
      { headers: { Host: 'www.example.com' } },
      'the prober writes these itself: use "host" for Host, and leave out the framing',
    ],
    [
      { headers: { authorization: { secret: 'PORTOLAN_ADMIN_TOKEN' } } },
      'names that start with PORTOLAN_ are of the router itself and are not handed out',
    ],
    [{ regions: ['weur', 'weur'] }, 'each region once'],
    [{ path: 'health' }, 'Invalid string: must start with "/"'],
  ])('cannot be %j', (authored, message) => {
    const parsed = Monitor.safeParse(authored)
    expect(parsed.error?.issues.map((issue) => issue.message)).toEqual([message])
  })
})

describe('an assertion of a JSON body', () => {
  it('is a pointer, an operator and a value', () => {
    expect(JsonAssertion.parse('/a~1b/*/c~0d <= 5.5')).toEqual({
      text: '/a~1b/*/c~0d <= 5.5',
      segments: ['a/b', '*', 'c~d'],
      operator: '<=',
      value: 5.5,
    })
    expect(JsonAssertion.parse(' == "ok"')).toMatchObject({ segments: [], value: 'ok' })
    expect(JsonAssertion.parse('/x != null')).toMatchObject({ operator: '!=', value: null })
  })

  it.each([
    '/a',
    '/a < ',
    '/a = 1',
    'a < 1',
    '/a < "5"',
    '/a < true',
    '/a == ok',
    '/a~2 == 1',
    '/a == {}',
  ])('is not %j', (text) => {
    expect(JsonAssertion.safeParse(text).success).toBe(false)
  })
})
