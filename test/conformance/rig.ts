import { inject } from 'vitest'
import { startRuntime } from '../../cli/runtime.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { send } from '../support/client.ts'
import { connectRaw } from '../support/raw-client.ts'
import { startRawOrigin } from '../support/raw-origin.ts'
import type { RawOrigin } from '../support/raw-origin.ts'
import { rawHeaderValues } from '../support/raw-request.ts'
import type { RawRequest } from '../support/raw-request.ts'
import { replyRaw } from '../support/raw-scripts.ts'
import { ADMIN_TOKEN } from '../support/router.ts'
import { until } from '../support/until.ts'

/** The built Worker in the real runtime, between a raw client and a raw origin, for all tests of a file. */
export interface Rig {
  readonly origin: RawOrigin
  readonly url: string
  /** Writes these bytes on a connection of its own, and reads one answer. */
  exchange(text: string): Promise<Exchange>
  stop(): Promise<void>
}

/** What one request came to, on both sides of the router. */
export interface Exchange {
  /** The head of the final answer as latin1 text. */
  readonly head: string
  readonly status: number
  /** The body as it stood on the wire, chunked coding and all. */
  readonly body: string
  /** What reached the origin meanwhile: mostly one request, none where the router answers by itself. */
  readonly arrived: readonly RawRequest[]
  /** The values of a header of the answer, in order. */
  values(name: string): readonly string[]
  /** The values of a header of the one request that reached the origin. */
  sent(name: string): readonly string[]
}

/** An answer without anything special. */
export const PLAIN_ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** How the Worker runs: `local` as `npm start` does, `deployed` as on the platform. */
export type Mode = 'local' | 'deployed'

/** Starts a router that decides by this configuration; without one it has none at all. */
export async function startRig(
  toConfig?: (originUrl: string) => AuthoredConfig,
  mode: Mode = 'deployed',
): Promise<Rig> {
  const { plain, deployment } = inject('builtWorker')
  const origin = await startRawOrigin('o', replyRaw(PLAIN_ANSWER))
  const runtime = await startRuntime({
    host: '127.0.0.1',
    port: 0,
    module: plain,
    deployment,
    bindings: {
      PORTOLAN_ADMIN_TOKEN: ADMIN_TOKEN,
      ...(mode === 'local' && { PORTOLAN_LOCAL: 'true' }),
    },
  })
  const url = runtime.url.origin
  if (toConfig) await configure(url, toConfig(origin.url))
  return {
    origin,
    url,
    exchange: (text) => exchange(url, origin, text),
    async stop() {
      await runtime.dispose()
      await origin.stop()
    },
  }
}

/** The text of a request: its first line, its header lines, and its body. */
export function request(line: string, headers: readonly string[] = [], body = ''): string {
  const isNamed = headers.some((header) => /^host *:/i.test(header))
  const lines = [`${line} HTTP/1.1`, ...(isNamed ? [] : ['Host: www.example.com']), ...headers]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

/** One pool, `main`, with the origin alone. */
export function mainPool(url: string): NonNullable<AuthoredConfig['pools']> {
  return { main: { origins: { o: { url } } } }
}

/** The steering to that pool. */
export const TO_MAIN = { policy: 'failover' as const, pools: ['main'] }

async function configure(url: string, config: AuthoredConfig): Promise<void> {
  const put = await send(`${url}/_portolan/v1/config`, {
    method: 'PUT',
    headers: [
      ['Authorization', `Bearer ${ADMIN_TOKEN}`],
      ['Content-Type', 'application/json'],
    ],
    body: JSON.stringify(config),
  })
  if (put.status !== 200) throw new Error(`the configuration was refused: ${put.text}`)
  const prefix = config.settings?.prefix ?? '/_portolan'
  await until(async () => (await send(`${url}${prefix}/health/ready`)).status === 200)
}

async function exchange(url: string, origin: RawOrigin, text: string): Promise<Exchange> {
  const before = origin.requests.length
  const client = await connectRaw(url)
  client.write(text)
  const [whole, head = ''] = FINAL_HEAD.exec(await client.until(FINAL_HEAD)) ?? ['']
  const status = Number(head.split(' ', 2)[1])
  const isBodiless = text.startsWith('HEAD ') || status === 204 || status === 304
  const received = await client.until(isBodiless ? FINAL_HEAD : endOfBody(head, whole.length))
  client.reset()
  const arrived = origin.requests.slice(before)
  return {
    head,
    status,
    body: received.slice(whole.length),
    arrived,
    values: (name) => rawHeaderValues(head, name),
    sent(name) {
      const [only, more] = arrived
      if (!only || more) throw new Error(`${arrived.length} requests arrived, not one`)
      return rawHeaderValues(only.head, name)
    },
  }
}

/** The head of the answer that is no 1xx, and all before it. */
const FINAL_HEAD = /^(?:HTTP\/1\.1 1\d\d[^]*?\r\n\r\n)*(HTTP\/1\.[01] [2-9]\d\d[^]*?)\r\n\r\n/

/** What the received text looks like once the body, which begins at `start`, is whole. */
function endOfBody(head: string, start: number): RegExp {
  if (/^transfer-encoding: *chunked/im.test(head)) return /\r\n0\r\n\r\n$/
  const length = Number(rawHeaderValues(head, 'content-length')[0] ?? 0)
  return new RegExp(`^[^]{${start + length}}`)
}
