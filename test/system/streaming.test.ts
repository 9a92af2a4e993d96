import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { http, shareLanes } from '../support/lane.ts'
import { bigBody, echo, eventSource } from '../support/reply.ts'
import { runtimeMemoryMib } from '../support/memory.ts'
import type { Router } from '../support/router.ts'
import type { RouteParts } from '../support/stage.ts'
import { until } from '../support/until.ts'

const MIB = 2 ** 20

/** A body that passes must not stay: 100 MiB through the router may cost it a small part of that. */
const FLAT_MIB = 32

const ways: readonly (readonly [string, RouteParts])[] = [
  ['as it comes', {}],
  ['with headers of the router’s own', { expose: true }],
  ['under an idle timeout', { timeouts: { idle: '10s' } }],
  ['under a total timeout', { timeouts: { total: '1m' } }],
]

const lane = shareLanes()

describe.each(ways)('%s', (_, route) => {
  const events = eventSource()
  const telling = lane({ origin: http(events.reply) }, route)

  test('passes each server-sent event on when it comes', async () => {
    const { router, url } = telling()
    const answer = await router.open(url)
    let text = ''
    answer.body.on('data', (chunk: Buffer) => (text += chunk.toString()))
    for (const name of ['one', 'two', 'three']) {
      events.send(name)
      await until(() => text.endsWith(`data: ${name}\n\n`))
    }
    events.end()
    await until(() => answer.body.complete)
    expect(text).toBe('data: one\n\ndata: two\n\ndata: three\n\n')
  })
})

const echoing = lane({ origin: http(echo) })

test('passes a request body on while it is still being sent, and the answer likewise', async () => {
  const { router, url } = echoing()
  const body = new Readable({ read: () => undefined })
  body.push('first ')
  const answer = await router.open(url, { method: 'POST', body })
  let text = ''
  answer.body.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await until(() => text === 'first ')
  body.push('second')
  body.push(null)
  await until(() => answer.body.complete)
  expect(text).toBe('first second')
})

describe.runIf(existsSync('/proc')).each(ways)('%s', (_, route) => {
  const downloading = lane({ origin: http(bigBody(100 * MIB)) }, route)
  const waiting = lane({ origin: http(bigBody(100 * MIB)) }, route)

  test('streams 100 MiB down in flat memory', async () => {
    const { bytes, grownMib } = await download(downloading())
    expect(bytes).toBe(100 * MIB)
    expect(grownMib).toBeLessThan(FLAT_MIB)
  })

  test('holds an origin back when the client does not read', async () => {
    const { origin, router, url } = waiting()
    const before = runtimeMemoryMib()
    const answer = await router.open(url)
    answer.body.pause()
    // The buffers on the way are full when nothing more goes out for a while.
    let sent = 0
    let quietLooks = 0
    await until(() => {
      quietLooks = origin.bytesSent === sent && sent > 0 ? quietLooks + 1 : 0
      sent = origin.bytesSent
      return quietLooks === 20
    })
    expect(sent).toBeLessThan(50 * MIB)
    expect(runtimeMemoryMib() - before).toBeLessThan(FLAT_MIB)
    expect(origin.requests[0]?.aborted).toBe(false)
    answer.abandon()
    await until(() => origin.requests[0]?.aborted === true)
  })
})

const uploading = lane({ origin: http() })

test.runIf(existsSync('/proc'))('streams 100 MiB up in flat memory', async () => {
  const { router, url } = uploading()
  await router.send(`${url}warm-up`)
  const before = runtimeMemoryMib()
  let bytes = 0
  let peak = 0
  const body = new Readable({
    read() {
      if (bytes % (8 * MIB) === 0) peak = Math.max(peak, runtimeMemoryMib())
      this.push(bytes < 100 * MIB ? Buffer.alloc(65_536) : null)
      bytes += 65_536
    },
  })
  const got = await router.send(url, { method: 'PUT', body })
  expect(JSON.parse(got.text)).toMatchObject({ bodyBytes: 100 * MIB })
  expect(peak - before).toBeLessThan(FLAT_MIB)
})

/** Downloads a body and says how far the runtime's memory grew on the way. */
async function download({ router, url }: { readonly router: Router; readonly url: string }) {
  await router.send(`${url}warm-up`, { method: 'HEAD' })
  const before = runtimeMemoryMib()
  const answer = await router.open(url)
  let bytes = 0
  let peak = 0
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    if (bytes % (8 * MIB) < chunk.length) peak = Math.max(peak, runtimeMemoryMib())
    bytes += chunk.length
  }
  return { bytes, grownMib: peak - before }
}
