import { describe, expect, it } from 'vitest'
import { armorOf, impliedVary } from '../../../src/cache/policy/armor.ts'

const UNNAMED = { statuses: {} }

function held(path: string, type: string | undefined, status = 200) {
  return armorOf(
    path,
    { status, fields: type === undefined ? [] : [['content-type', type]] },
    UNNAMED,
  )
}

describe('the armor', () => {
  it.each([
    '/account/x.css',
    '/account/x.JS',
    '/account;x.css',
    '/account%3Bx.css',
    '/account%00x.png',
    '/account%0Ax.woff2',
    '/account%3fx.ico',
    '/account%23x.css',
    '/account/x%2Ecss',
    '/account/.css',
    '/account$x.css',
    '/account/x.css;y',
    '/account/x.avif',
    '/account/x.pdf',
    '/account/x.zip',
  ])('holds back a page that came under %s', (path) => {
    expect(held(path, 'text/html; charset=utf-8')).toBe('content-type')
    expect(held(path, undefined)).toBe('content-type')
  })

  it('holds back data of an account that came as a file', () => {
    expect(held('/api/me/x.css', 'application/json')).toBe('content-type')
    expect(held('/api/me/x.png', 'application/json')).toBe('content-type')
    expect(held('/api/me/x.zip', 'application/json')).toBe('content-type')
  })

  it.each([
    ['/x.css', 'text/css; charset=utf-8'],
    ['/x.js', 'application/javascript'],
    ['/x.mjs', 'Text/JavaScript'],
    ['/x.jpg', 'image/webp'],
    ['/x.gif', 'video/webm'],
    ['/x.svg', 'image/svg+xml'],
    ['/x.woff2', 'font/woff2'],
    ['/x.woff', 'application/font-woff'],
    ['/x.json', 'application/ld+json'],
    ['/feed.xml', 'application/rss+xml'],
    ['/x.zip', 'application/zip'],
    ['/x.tar.gz', 'application/gzip'],
    ['/x.ts', 'video/mp2t'],
    ['/x.dmg', 'application/octet-stream'],
    ['/x.css', 'application/octet-stream'],
    ['/page', 'text/html'],
    ['/page.html', 'text/html'],
    ['/v1.2/page', 'text/html'],
    ['/user@example.com', 'text/html'],
  ])('lets %s pass that is %s', (path, type) => {
    expect(held(path, type)).toBeUndefined()
  })

  it('lets a page pass that says there is no such file', () => {
    expect(held('/missing.png', 'text/html', 404)).toBeUndefined()
    expect(held('/moved.png', 'text/html', 301)).toBeUndefined()
    expect(held('/empty.css', undefined, 204)).toBeUndefined()
  })

  it('takes a type that stands twice for none', () => {
    const fields = [
      ['content-type', 'text/css'],
      ['content-type', 'text/html'],
    ] as const
    expect(armorOf('/x.css', { status: 200, fields }, UNNAMED)).toBe('content-type')
  })

  it.each([400, 406, 408, 411, 413, 415, 417, 426, 429, 431])(
    'holds back a %i, whose cause is one request',
    (status) => {
      expect(held('/', 'text/html', status)).toBe('status')
    },
  )

  it.each([200, 301, 403, 404, 405, 410, 414, 451, 501])(
    'lets a %i pass, whose cause is in the key',
    (status) => {
      expect(held('/', 'text/html', status)).toBeUndefined()
    },
  )
})

describe('a failure', () => {
  it.each([500, 502, 503, 504])('with %i is held back, unless the route names it', (status) => {
    const response = { status, fields: [] }
    expect(armorOf('/', response, UNNAMED)).toBe('status')
    expect(armorOf('/', response, { statuses: { '4xx': 1000 } })).toBe('status')
    expect(armorOf('/', response, { statuses: { [status]: 1000 } })).toBeUndefined()
    expect(armorOf('/', response, { statuses: { '5xx': 1000 } })).toBeUndefined()
  })
})

describe('an answer hangs on', () => {
  it('encodings where it is encoded, and on the site that it gives a permission to', () => {
    expect(impliedVary([['content-encoding', 'gzip']])).toEqual(['accept-encoding'])
    expect(impliedVary([['content-encoding', 'identity']])).toEqual([])
    expect(impliedVary([['access-control-allow-origin', 'https://a.test']])).toEqual(['origin'])
    expect(impliedVary([['access-control-allow-origin', '*']])).toEqual([])
    expect(impliedVary([['content-type', 'text/html']])).toEqual([])
  })
})
