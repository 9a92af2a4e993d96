import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { connectRaw } from '../support/raw-client.ts'
import { startRouter } from '../support/router.ts'
import { stageOrigin } from '../support/stage.ts'

const text = (alphabet: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet.split('')), maxLength })

const visible = String.fromCharCode(...Array.from({ length: 94 }, (_, at) => at + 33))

const target = fc.oneof(
  text('/.%2eEfF\\?#&=;:@+*{}', 40).map((rest) => `/${rest}`),
  text(visible, 60).map((rest) => `/${rest}`),
  fc.constantFrom('*', 'http://shop.test', 'http://a:b@shop.test:1/x', '//', '/?', 'x', ''),
)

const host = fc.oneof(
  fc.constantFrom('shop.test', 'SHOP.Test', 'shop.test.', 'shop.test:0', '[::1]', '[::1]:80', ''),
  text('abcA.-_:@[]%0*é', 20),
)

/** Headers that the router reads, with values that it does not expect. */
const header = fc.tuple(
  fc.constantFrom(
    'via',
    'connection',
    'upgrade',
    'cookie',
    'x-request-id',
    'traceparent',
    'tracestate',
    'forwarded',
    'x-forwarded-for',
    'cf-connecting-ip',
    'portolan-facts',
    'max-forwards',
    'expect',
    'content-length',
    'transfer-encoding',
    'te',
    'range',
    'user-agent',
    'x-key',
  ),
  fc.oneof(
    text(visible + ' \t', 60),
    fc.constantFrom('', ',', ';', '=', '"', '%', '0', '-1', '1e9', 'null', '{}', 'é\u0080ÿ'),
    fc.constantFrom('websocket', 'chunked', '100-continue', '1.1 portolan', '{"latitude":"a"}'),
  ),
)

/** What the edge might say of a client, each thing of any type. */
const edge = fc
  .record({
    country: fc.jsonValue(),
    regionCode: fc.jsonValue(),
    continent: fc.jsonValue(),
    asn: fc.jsonValue(),
    latitude: fc.jsonValue(),
    longitude: fc.oneof(fc.jsonValue(), fc.constantFrom('181', 'NaN', '1e400')),
  })
  // The edge sends it once and in ASCII, or the local runtime cannot read it.
  .map((cf) => ['mf-cf-blob', toAscii(JSON.stringify(cf))] as const)

function toAscii(json: string): string {
  return json.replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const method = fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'TRACE', 'DELETE')

const headers = fc
  .tuple(fc.array(header, { maxLength: 6 }), fc.option(edge, { nil: undefined }))
  .map(([lines, cf]) => (cf ? [...lines, cf] : lines))

const request = fc.tuple(method, target, host, headers).map(([verb, path, name, pairs]) => {
  const lines = pairs.map(([key, value]) => `${key}: ${value}\r\n`).join('')
  return `${verb} ${path} HTTP/1.1\r\nHost: ${name}\r\n${lines}Connection: close\r\n\r\n`
})

test.each(['on', 'off'] as const)(
  'no request makes the router fail, with local facts %s',
  async (local) => {
    const origin = await stageOrigin('origin')
    const router = await startRouter(
      {
        settings: { forwarding: ['x-forwarded', 'x-real-ip', 'forwarded', 'traceparent'] },
        pools: { all: { origins: { origin: { url: origin.url } } } },
        routes: {
          keyed: {
            match: [
              { path: '/a/*', cookies: { c: { prefix: 'x' } } },
              { path: '/**/x', headers: { 'x-key': { present: true } } },
              { query: { q: 'x' }, clients: ['203.0.113.0/24'], countries: ['DE'] },
            ],
            steer: { policy: 'hash', key: { cookie: 'c' }, pools: ['all'] },
            rewrite: { path: { replaceFull: '/rewritten' } },
          },
          geo: {
            match: { methods: ['GET'] },
            steer: { policy: 'geo', countries: { DE: ['all'] }, default: ['all'] },
          },
          moved: { match: { path: '/m/*' }, redirect: { path: '/n' } },
          rest: { steer: { policy: 'proximity', pools: ['all'] }, expose: true },
        },
      },
      { local },
    )
    await fc.assert(
      fc.asyncProperty(request, async (bytes) => {
        const client = await connectRaw(router.url)
        client.write(bytes)
        // A body that was announced and does not come is waited for, rightly.
        const waited = new Promise((resolve) => setTimeout(resolve, 100))
        await Promise.race([client.untilEnded(), waited])
        client.reset()
        expect(client.received).not.toContain('urn:portolan:problem:internal')
      }),
      { numRuns: 400 },
    )
    expect((await router.send('http://shop.test/')).status).toBe(200)
    expect(await router.status()).toMatchObject({ isolate: { mistakes: 0 } })
  },
)
