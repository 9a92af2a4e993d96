import { describe, expect, it } from 'vitest'
import { RequestFacts } from '../../src/schema/facts.ts'

describe('facts that somebody writes', () => {
  it('have host and header names in lower case, as those of a request have', () => {
    const facts = RequestFacts.parse({ host: 'WWW.Example.com', headers: { 'User-Agent': 'curl' } })
    expect(facts).toMatchObject({ host: 'www.example.com', headers: { 'user-agent': 'curl' } })
  })

  it('have places in upper case, as the edge gives them', () => {
    const client = { continent: 'eu', country: 'de', region: 'de-be' }
    expect(RequestFacts.parse({ host: 'a', client }).client).toEqual({
      continent: 'EU',
      country: 'DE',
      region: 'DE-BE',
    })
  })

  it.each(['', 'www.example.com', '[2001:db8::1]', 'a_b.internal.'])('take the host %j', (host) => {
    expect(RequestFacts.safeParse({ host }).success).toBe(true)
  })

  it.each(['www.example.com:443', 'https://www.example.com', 'a/b', '[::1]:80', '::1'])(
    'refuse %j, which no route could match',
    (host) => {
      expect(RequestFacts.safeParse({ host }).error?.issues[0]?.message).toBe(
        'a host comes without scheme, port and path',
      )
    },
  )

  it('are bounded', () => {
    const many = Object.fromEntries(Array.from({ length: 257 }, (_, at) => [`a${at}`, 'x']))
    for (const kind of ['headers', 'cookies', 'query']) {
      expect(RequestFacts.safeParse({ host: 'a', [kind]: many }).success).toBe(false)
    }
  })
})
