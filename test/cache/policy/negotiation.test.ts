import { describe, expect, it } from 'vitest'
import type { Fields } from '../../../src/cache/policy/message.ts'
import { negotiate } from '../../../src/cache/policy/negotiation.ts'

const PAGE: Fields = [
  ['content-type', 'text/html; charset=utf-8'],
  ['content-length', '5000'],
  ['etag', '"v1"'],
]

function negotiated(
  fields: Fields,
  headers: Readonly<Record<string, string>> = { 'accept-encoding': 'br, gzip' },
  status = 200,
) {
  return negotiate({ status, fields }, { method: 'GET', header: (name) => headers[name] })
}

describe('a text that its origin sends plain', () => {
  it('is compressed for who takes that: no length, a weak entity tag, and it says what it hangs on', () => {
    const fields = [...PAGE, ['accept-ranges', 'bytes'] as const]
    expect(negotiated(fields)).toEqual({
      encodes: true,
      fields: [
        ['content-type', 'text/html; charset=utf-8'],
        ['etag', 'W/"v1"'],
        ['vary', 'Accept-Encoding'],
        ['content-encoding', 'gzip'],
      ],
    })
  })

  it.each([{}, { 'accept-encoding': 'br' }, { 'accept-encoding': 'gzip;q=0, *' }] as Record<
    string,
    string
  >[])('stays plain for %j, and says what it hangs on', (headers) => {
    const fields = [...PAGE, ['vary', 'Accept-Encoding']]
    expect(negotiated(PAGE, headers)).toEqual({ encodes: false, fields })
  })

  it('keeps a weak entity tag, and a Vary that says it already', () => {
    const fields: Fields = [
      ['content-type', 'application/json'],
      ['etag', 'W/"v1"'],
      ['vary', 'Origin, accept-encoding'],
    ]
    expect(negotiated(fields)?.fields).toEqual([...fields, ['content-encoding', 'gzip']])
  })
})

describe('an answer is left as it came', () => {
  it.each([
    ['content-encoding', 'br'],
    ['content-range', 'bytes 0-1/2'],
    ['cache-control', 'public, No-Transform'],
    ['cdn-cache-control', 'max-age=5, no-transform'],
    ['repr-digest', 'sha-256=:AA==:'],
    ['content-digest', 'sha-256=:AA==:'],
  ] as const)('that says %s: %s', (name, value) => {
    expect(negotiated([...PAGE, [name, value]])).toBeUndefined()
  })

  it.each(['image/png', 'application/zip', 'text/event-stream', 'video/mp4', 'font/woff2', ''])(
    'that is %s',
    (type) => {
      expect(negotiated([['content-type', type]])).toBeUndefined()
    },
  )

  it.each(['image/svg+xml', 'application/manifest+json', 'TEXT/CSS', 'application/javascript'])(
    'unlike one that is %s',
    (type) => {
      expect(negotiated([['content-type', type]])?.encodes).toBe(true)
    },
  )

  it('that is small, unlike one of unknown length', () => {
    const type = ['content-type', 'text/css'] as const
    expect(negotiated([type, ['content-length', '1023']])).toBeUndefined()
    expect(negotiated([type, ['content-length', '1024']])?.encodes).toBe(true)
    expect(negotiated([type])?.encodes).toBe(true)
  })

  it.each([204, 205, 206, 304])('of status %i', (status) => {
    expect(negotiated(PAGE, undefined, status)).toBeUndefined()
  })

  it('where the request asks for that', () => {
    const headers = { 'accept-encoding': 'gzip', 'cache-control': 'no-transform' }
    expect(negotiated(PAGE, headers)).toBeUndefined()
  })
})
