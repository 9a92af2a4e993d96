import { describe, expect, it } from 'vitest'
import { isAboutServer, parseRequestUrl } from '../../src/proxy/request-url.ts'

/** The runtime writes `url` as the client did; `Request` here would clean it first. */
function parse(url: string, host: string | null = null) {
  const headers = new Headers(host === null ? {} : { host })
  return parseRequestUrl(url, headers)
}

describe('the parts of a URL', () => {
  it.each([
    ['https://www.example.com/', 'www.example.com', '/', ''],
    ['http://WWW.Example.COM:8080/a/b?c=d&e', 'www.example.com', '/a/b', '?c=d&e'],
    ['http://[2001:db8::1]:8080/a', '[2001:db8::1]', '/a', ''],
    ['http://a//b//c?', 'a', '//b//c', '?'],
    ['https://a/%61%2F%00;p=1', 'a', '/%61%2F%00;p=1', ''],
    ['https://a/@scope/x.js?v=1.2', 'a', '/@scope/x.js', '?v=1.2'],
  ])('of %s', (url, ...[host, path, query]) => {
    expect(parse(url)).toMatchObject({ ok: true, url: { host, path, query } })
  })

  it('keep the host as the client wrote it, beside the one that is compared', () => {
    expect(parse('https://WWW.example.com:444/')).toMatchObject({
      url: { authority: 'WWW.example.com:444', host: 'www.example.com', scheme: 'https' },
    })
  })

  it.each([
    ['/public/../admin/x', '/admin/x'],
    ['/public/%2e%2E/admin/x', '/admin/x'],
    ['/./admin', '/admin'],
    [String.raw`/\admin/x`, '//admin/x'],
    [String.raw`/public\..\admin`, '/admin'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['/a/b/.', '/a/b/'],
  ])('have the path %s as it is sent: %s', (written, path) => {
    expect(parse(`https://a${written}?q`)).toMatchObject({ url: { path, query: '?q' } })
  })

  it('are never other than what fetch sends', () => {
    const characters = [...Array(128).keys()].map((code) => String.fromCharCode(code))
    for (const character of characters) {
      const written = `/a${character}b/.%2e/c${character}`
      const sent = new URL(`https://origin.example${written}`)
      expect(parse(`https://a${written}`)).toMatchObject({
        url: { path: sent.pathname, query: sent.search },
      })
    }
  })

  it.each(['/a/..;/b', '/a/..%2fb', '/a/%2e%2e%5cb', '/a%2f../b'])(
    'are refused where they hide dot segments: %s',
    (written) => {
      expect(parse(`https://a${written}`).ok).toBe(false)
    },
  )
})

describe('a target or host that is none', () => {
  it.each([
    'https://u@evil.example/',
    'https://a b/',
    'https://<x>/',
    'https://evil.example?/',
    'https://a.example, b.example/',
    'https://a:b/',
    'https://a:99999/',
    'https:///x',
    'https://[::1/x',
    'https://aadmin',
    'https://a*',
  ])('%s is refused', (url) => {
    expect(parse(url).ok).toBe(false)
  })

  it('is noticed when a slash in the Host has moved into the path', () => {
    expect(parse('https://www.example.com/admin/p', 'www.example.com/admin').ok).toBe(false)
  })

  it('is not what an absolute target makes of the Host', () => {
    expect(parse('https://a.example/p', 'b.example')).toMatchObject({ url: { host: 'a.example' } })
  })

  it('is the whole server for OPTIONS alone', () => {
    const verdicts = [
      { method: 'OPTIONS', url: 'http://a*' },
      { method: 'GET', url: 'http://a*' },
      { method: 'OPTIONS', url: 'http://a/*' },
    ].map((asked) => isAboutServer(asked as Request))
    expect(verdicts).toEqual([true, false, false])
  })
})
