import { describe, expect, it } from 'vitest'
import { expectEnd, onEnd } from '../../src/proxy/ending.ts'

/** An answer whose body the test sends piece by piece, and how often its end was told. */
function staged(headers: Readonly<Record<string, string>> = {}) {
  let sender: ReadableStreamDefaultController<Uint8Array> | undefined
  const origin = { isLetGo: false }
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      sender = controller
    },
    cancel() {
      origin.isLetGo = true
    },
  })
  const client = new AbortController()
  const ends = { told: 0 }
  const { asked, waits } = askedBy(client.signal)
  const answer = onEnd(new Response(body, { headers }), asked, () => (ends.told += 1))
  return { answer, asked, waits, client, ends, origin, sender: sender ?? unstarted() }
}

function unstarted(): never {
  throw new Error('the stream did not start')
}

const bytes = (text: string) => new TextEncoder().encode(text)
const soon = () => new Promise((resolve) => setTimeout(resolve, 0))

/** A request, and what it waits for beyond its answer. */
function askedBy(signal = new AbortController().signal) {
  const waits: Promise<unknown>[] = []
  const ctx = { waitUntil: (promise: Promise<unknown>) => void waits.push(promise) }
  const asked = { request: { signal }, ctx } as unknown as Parameters<typeof onEnd>[1]
  return { asked, waits }
}

describe('the end of an answer', () => {
  it.each([
    ['without a body', () => new Response(null, { status: 204 })],
    ['with a small body', () => new Response('abc', { headers: { 'content-length': '3' } })],
  ])('%s is told at once, and the answer stays the same object', (_, make) => {
    const given = make()
    let told = 0
    const got = onEnd(given, askedBy().asked, () => (told += 1))
    expect([got === given, told]).toEqual([true, 1])
  })

  it('that streams is told when its last byte has been taken', async () => {
    const { answer, sender, ends } = staged()
    const read = answer.text()
    sender.enqueue(bytes('one'))
    await soon()
    expect(ends.told).toBe(0)
    sender.close()
    expect(await read).toBe('one')
    await soon()
    expect(ends.told).toBe(1)
  })

  it('that breaks off is told, and the break is passed on', async () => {
    const { answer, sender, ends } = staged()
    const read = answer.text()
    sender.enqueue(bytes('one'))
    await soon()
    sender.error(new Error('the origin is gone'))
    await expect(read).rejects.toThrow('the origin is gone')
    await soon()
    expect(ends.told).toBe(1)
  })

  it('whose client goes away is told once, and the origin is let go', async () => {
    const { client, origin, ends } = staged()
    client.abort()
    expect(ends.told).toBe(1)
    await soon()
    expect([ends.told, origin.isLetGo]).toEqual([1, true])
  })

  it('is waited for once, however many ask', async () => {
    const { answer, asked, waits, client, ends } = staged()
    let others = 0
    expect(onEnd(answer, asked, () => (others += 1))).toBe(answer)
    client.abort()
    onEnd(answer, asked, () => (others += 10))
    expect([ends.told, others, waits.length]).toEqual([1, 11, 1])
    await waits[0]
  })

  it('is told by who was to tell it', () => {
    const answer = new Response('of any length')
    const tell = expectEnd(answer)
    let told = 0
    expect(onEnd(answer, askedBy().asked, () => (told += 1))).toBe(answer)
    expect(told).toBe(0)
    tell()
    tell()
    expect(told).toBe(1)
  })

  it('keeps status, headers and a long known length', async () => {
    const headers = { 'content-length': '100000', 'x-own': 'yes' }
    const given = new Response(new Uint8Array(100_000), { status: 203, headers })
    const answer = onEnd(given, askedBy().asked, () => undefined)
    expect([answer.status, answer.headers.get('x-own')]).toEqual([203, 'yes'])
    expect(answer.headers.get('content-length')).toBe('100000')
    expect((await answer.arrayBuffer()).byteLength).toBe(100_000)
  })
})
