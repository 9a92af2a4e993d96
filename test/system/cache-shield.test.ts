import { existsSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { header, type HeaderLines } from '../support/client.ts'
import { shareRouters } from '../support/file-router.ts'
import { runtimeMemoryMib } from '../support/memory.ts'
import { requestsOf } from '../support/probed.ts'
import { bigBody, reply } from '../support/reply.ts'
import { type Router, startRouter } from '../support/router.ts'
import { inOrder, stageOrigin } from '../support/stage.ts'

const MIB = 2 ** 20

/** Sends a request to another isolate of the same data centre. */
const SECOND: HeaderLines = [['Rig-Isolate', 'second']]

const worker = 'observed' as const
const tiers = { shield: true, colo: false, kv: false }

const stage = shareRouters({ worker })

/** One origin behind a shield, asked by two isolates that share nothing else. Each test has paths of its own. */
const stageShielded = () => stage((origin) => inOrder([origin], { cache: { tiers } }))

/** The same from both isolates, at the same time. */
function fromBoth(router: Router, url: string, headers: HeaderLines = []) {
  return Promise.all([
    router.send(url, { headers }),
    router.send(url, { headers: [...SECOND, ...headers] }),
  ])
}

test('isolates that share nothing but a shield get one fetch, byte for byte', async () => {
  const { origin, router } = await stageShielded()
  const body = gzipSync('the same words again and again '.repeat(5000))
  const control = ['Cache-Control', 'max-age=60'] as const
  origin.answer(reply({ body, headers: [['Content-Encoding', 'gzip'], control] }))
  const accept = [['Accept-Encoding', 'gzip']] as const
  const answers = await fromBoth(router, 'http://a.test/encoded', accept)
  for (const answer of answers) {
    const coding = header(answer, 'content-encoding')
    expect([answer.status, coding, answer.complete]).toEqual([200, 'gzip', true])
    expect(answer.body.equals(body)).toBe(true)
  }
  expect(requestsOf(origin)).toBe(1)
})

test('what has no body comes through a shield without one', async () => {
  const { origin, router } = await stageShielded()
  origin.answer(({ response, received }) => {
    const status = Number(received.target.slice(1))
    response.writeHead(status, { 'Cache-Control': 'max-age=60', Location: '/' })
    response.end()
  })
  for (const status of [204, 301]) {
    const answers = await fromBoth(router, `http://a.test/${status}`)
    expect(answers.map((got) => [got.status, got.text])).toEqual([
      [status, ''],
      [status, ''],
    ])
  }
  expect(requestsOf(origin)).toBe(2)
})

test('what is not for all passes the shield as it came', async () => {
  const { origin, router } = await stageShielded()
  const body = gzipSync('for one alone '.repeat(100))
  const headers = [
    ['Content-Encoding', 'gzip'],
    ['Cache-Control', 'private'],
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=2'],
  ] as const
  origin.answer(reply({ body, headers }))
  const [one, other] = await fromBoth(router, 'http://a.test/private')
  for (const { body: got, headers: lines, complete } of [one, other]) {
    const cookies = lines.filter(([name]) => name.toLowerCase() === 'set-cookie')
    expect([got.equals(body), cookies.length, complete]).toEqual([true, 2, true])
  }
  expect(requestsOf(origin)).toBe(2)
})

test.runIf(existsSync('/proc'))('a large body streams through the shield', async () => {
  const origin = await stageOrigin('one', bigBody(64 * MIB))
  const config = inOrder([origin], { cache: { tiers, maxObjectBytes: MIB } })
  const router = await startRouter(config, { worker })
  const before = runtimeMemoryMib()
  const large = await router.open('http://a.test/large')
  let bytes = 0
  for await (const chunk of large.body) bytes += (chunk as Buffer).length
  expect(bytes).toBe(64 * MIB)
  expect(runtimeMemoryMib() - before).toBeLessThan(48)
})

// The last of them: an origin that fails stays suspect.
test('a body that breaks off behind the shield is kept by nobody', async () => {
  const { origin, router } = await stageShielded()
  const control = ['Cache-Control', 'max-age=60'] as const
  origin.answer(({ response }) => {
    response.writeHead(200, [...control, 'Content-Length', '100000'])
    response.write('x'.repeat(50_000), () => response.destroy())
  })
  const [broken] = await fromBoth(router, 'http://a.test/broken')
  expect(broken.complete).toBe(false)
  origin.answer(reply({ body: 'whole', headers: [control] }))
  for (const { text, complete } of await fromBoth(router, 'http://a.test/broken')) {
    expect([text, complete]).toEqual(['whole', true])
  }
})
