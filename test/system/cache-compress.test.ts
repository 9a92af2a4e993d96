import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { header, type HeaderLines } from '../support/client.ts'
import { isHit } from '../support/cache-attack.ts'
import { shareRouters } from '../support/file-router.ts'
import type { OriginExchange } from '../support/origin.ts'
import { inOrder } from '../support/stage.ts'

const PAGE = 'the same words again and again '.repeat(2000)

const stage = shareRouters()

async function stageText() {
  const shared = await stage((origin) => inOrder([origin], { cache: { compress: true } }))
  shared.origin.answer(sendPage)
  return shared
}

/** A page that its origin sends plain, whoever asks. */
function sendPage({ request, response }: OriginExchange): void {
  response.setHeader('content-type', 'text/html')
  response.setHeader('etag', '"v1"')
  const directive = /\/(no-[a-z]+)/.exec(request.url ?? '')?.[1] ?? 'public'
  response.setHeader('cache-control', `${directive}, max-age=60`)
  if (request.headers['if-none-match'] === undefined) {
    response.end(PAGE)
  } else {
    response.statusCode = 304
    response.end()
  }
}

const gzip: HeaderLines = [['Accept-Encoding', 'br, gzip']]

test('a text is compressed once for all who take it, and stays plain for the others', async () => {
  const { origin, router } = await stageText()
  const url = 'http://shop.test/a'
  const [first, second] = [
    await router.send(url, { headers: gzip }),
    await router.send(url, { headers: gzip }),
  ]
  const [plain, again] = [await router.send(url), await router.send(url)]
  expect([first, second, plain, again].map(isHit)).toEqual([false, true, false, true])
  for (const got of [first, second]) {
    expect([gunzipSync(got.body).toString(), got.body.length < 2000]).toEqual([PAGE, true])
    expect(header(got, 'content-encoding')).toBe('gzip')
    expect([header(got, 'etag'), header(got, 'vary')]).toEqual(['W/"v1"', 'Accept-Encoding'])
  }
  for (const got of [plain, again]) {
    expect([got.text, header(got, 'content-encoding')]).toEqual([PAGE, undefined])
    expect([header(got, 'etag'), header(got, 'vary')]).toEqual(['"v1"', 'Accept-Encoding'])
  }
  expect(origin.requests.length).toBe(2)
})

test('who has either form is told that it still holds', async () => {
  const { router } = await stageText()
  const url = 'http://shop.test/b'
  await router.send(url, { headers: gzip })
  for (const tag of ['W/"v1"', '"v1"', '"v0", W/"v1"']) {
    const got = await router.send(url, { headers: [...gzip, ['If-None-Match', tag]] })
    expect([got.status, header(got, 'etag'), got.body.length]).toEqual([304, 'W/"v1"', 0])
  }
})

test('a part of one form is not joined to one of the other', async () => {
  const { router } = await stageText()
  const url = 'http://shop.test/c'
  await router.send(url, { headers: gzip })
  const range: HeaderLines = [...gzip, ['Range', 'bytes=0-9']]
  const joined = await router.send(url, { headers: [...range, ['If-Range', 'W/"v1"']] })
  expect([joined.status, gunzipSync(joined.body).toString()]).toEqual([200, PAGE])
})

test('an origin that is asked about what was compressed answers for what it sent', async () => {
  const { origin, router } = await stageText()
  const url = 'http://shop.test/no-cache'
  await router.send(url, { headers: gzip })
  for (let at = 0; at < 2; at += 1) {
    const got = await router.send(url, { headers: gzip })
    expect([got.status, gunzipSync(got.body).toString()]).toEqual([200, PAGE])
    expect([header(got, 'etag'), header(got, 'content-encoding')]).toEqual(['W/"v1"', 'gzip'])
    expect(header(got, 'vary')).toMatch(/^accept-encoding$/i)
  }
  const asked = origin.requests.map((request) => header(request, 'if-none-match'))
  expect(asked).toEqual([undefined, 'W/"v1"', 'W/"v1"'])
})

test.each(['no-transform', 'no-store'])(
  'an answer that says %s is left as it came',
  async (directive) => {
    const { router } = await stageText()
    const got = await router.send(`http://shop.test/${directive}`, { headers: gzip })
    expect([got.text, header(got, 'content-encoding'), header(got, 'etag')]).toEqual([
      PAGE,
      undefined,
      '"v1"',
    ])
  },
)
