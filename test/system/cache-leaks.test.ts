import { describe, expect, test } from 'vitest'
import {
  detailOf,
  EVIL,
  freshUrl,
  isHit,
  stageAttacks,
  withHeaders,
} from '../support/cache-attack.ts'
import { header, headerValues } from '../support/client.ts'

const { stage, after } = stageAttacks()

describe('what is about one client is not given to another', () => {
  test.each([
    ['standard', 'Cookie', 'cookie'],
    ['standard', 'Authorization', 'authorization'],
  ])('on %s.test an answer to %s that does not say it is for all', async (host, name, why) => {
    const url = freshUrl(host, '/quiet')
    const { attacked, got } = await after([url, withHeaders([name, EVIL])], [url])
    expect(detailOf(attacked)).toBe(why)
    expect([isHit(got), got.text.includes(EVIL)]).toEqual([false, false])
  })

  test('an answer to a credential under "override"', async () => {
    const url = freshUrl('override')
    const { attacked, got } = await after([url, withHeaders(['Authorization', EVIL])], [url])
    expect([attacked.text.includes(EVIL), detailOf(attacked)]).toEqual([true, 'authorization'])
    expect([isHit(got), got.text.includes(EVIL)]).toEqual([false, false])
  })

  test('an answer that sets a cookie, or its cookie where the route strips it', async () => {
    const [kept, stripped] = [freshUrl('standard', '/cookie'), freshUrl('strip', '/cookie')]
    const one = await after([kept], [kept])
    expect([detailOf(one.attacked), isHit(one.again)]).toEqual(['set-cookie', false])
    const other = await after([stripped], [stripped])
    expect([isHit(other.got), headerValues(other.got, 'set-cookie')]).toEqual([true, []])
  })

  test.each(['/account.css', ';a.css', '%00.css', '%0aa.png', '%3fa.js', '%23a.ico', '/a.woff2'])(
    'a page under a path that ends with %s (web cache deception)',
    async (end) => {
      const { router } = await stage()
      const target = new URL(freshUrl('standard')).pathname + end
      const ask = (host: string) => router.send(`http://${host}.test/`, { target })
      const [first, second] = [await ask('standard'), await ask('standard')]
      expect([first.status, detailOf(first), isHit(second)]).toEqual([200, 'content-type', false])
      await ask('unarmored')
      expect(isHit(await ask('unarmored'))).toBe(true)
    },
  )

  test.each(['..%2faccount', '%2e%2e%2faccount', '..%5caccount', '..;/account', '.%2e;x/account'])(
    'a page behind a path that leads elsewhere: /static/%s',
    async (end) => {
      const { origin, router } = await stage()
      const got = await router.send('http://standard.test/', { target: `/static/${end}` })
      expect([got.status, origin.requests.length]).toEqual([400, 0])
    },
  )

  test.each([
    '/account/x',
    '//account/x',
    '/%61ccount/x',
    '/account%2fx',
    '/ACCOUNT/x',
    '/account;x.css',
    '/account%00.css',
  ])('a page under a path that goes past: %s', async (target) => {
    const { router } = await stage()
    const got = await router.send('http://keyed.test/', { target })
    expect(detailOf(got)).toBe('path')
  })

  test('the permission of one site, where the origin forgot to say so', async () => {
    const url = freshUrl('standard', '/cors')
    const { got, again } = await after(
      [url, withHeaders(['Origin', `https://${EVIL}`])],
      [url, withHeaders(['Origin', 'https://good.example'])],
    )
    expect(header(got, 'access-control-allow-origin')).toBe('https://good.example')
    expect(isHit(again)).toBe(true)
  })

  test('what is encoded, to who cannot decode it', async () => {
    const url = freshUrl('standard', '/encoded')
    const { got } = await after([url, withHeaders(['Accept-Encoding', 'gzip'])], [url])
    expect(isHit(got)).toBe(false)
  })
})

test('where a route takes it off, nothing says who has been there before', async () => {
  const url = freshUrl('silent')
  const { attacked, got } = await after([url], [url])
  for (const answer of [attacked, got]) {
    expect(['cache-status', 'age'].map((name) => header(answer, name))).toEqual([
      undefined,
      undefined,
    ])
  }
})

describe('variants have an end', () => {
  test.each(['/star', '/many'])(
    "an answer with the Vary of %s is nobody else's",
    async (beginning) => {
      const url = freshUrl('standard', beginning)
      const { attacked, again } = await after([url], [url])
      expect([detailOf(attacked), isHit(again)]).toEqual(['vary', false])
    },
  )

  test('whatever is written in Accept-Encoding, there are a few', async () => {
    const url = freshUrl('standard', '/vary')
    const { got } = await after(
      [url, withHeaders(['Accept-Encoding', `${EVIL}, gzip;q=0, x-1`])],
      [url, withHeaders(['Accept-Encoding', 'compress'])],
    )
    expect([isHit(got), got.text.includes(EVIL)]).toEqual([true, false])
  })
})
