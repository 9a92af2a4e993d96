import { EventEmitter, once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import type { Reply } from './origin.ts'

/** A scripted answer. Unless the headers say otherwise, a body has a Content-Length. */
export interface Scripted {
  readonly status?: number
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body?: string | Uint8Array
  /** Sends the body gzip-encoded, and says so. */
  readonly gzip?: true
  /** Sent after a chunked body. */
  readonly trailers?: Readonly<Record<string, string>>
  /** A Link for a 103 answer before this one. */
  readonly earlyHints?: string
}

/** Says which origin this is and what it received, as JSON. The default answer of an origin. */
export const identify: Reply = async ({ origin, received, request, response }) => {
  if (!request.readableEnded) await once(request, 'end')
  const { method, target, headers, bodyBytes, bodySha256 } = received
  const body = JSON.stringify({
    origin: origin.id,
    region: origin.region,
    method,
    target,
    headers,
    bodyBytes,
    bodySha256,
  })
  response.writeHead(200, ['Content-Type', 'application/json', 'x-origin', origin.id])
  response.end(body)
}

/** Answers as scripted. */
export function reply(scripted: Scripted = {}): Reply {
  const { status = 200, headers = [], body = '', gzip, trailers, earlyHints } = scripted
  const bytes = gzip ? gzipSync(body) : Buffer.from(body)
  const lines = headers.flat()
  if (gzip) lines.push('Content-Encoding', 'gzip')
  if (trailers) lines.push('Trailer', Object.keys(trailers).join(', '))
  else if (!headers.some(([name]) => name.toLowerCase() === 'content-length')) {
    lines.push('Content-Length', String(bytes.length))
  }
  return ({ response }) => {
    if (earlyHints !== undefined) response.writeEarlyHints({ link: earlyHints })
    response.writeHead(status, lines)
    response.write(bytes)
    if (trailers) response.addTrailers(trailers)
    response.end()
  }
}

/** Sends the request's body back while it arrives. */
export const echo: Reply = ({ request, response }) => {
  response.writeHead(200, [
    'Content-Type',
    request.headers['content-type'] ?? 'application/octet-stream',
  ])
  request.pipe(response)
}

/** Waits, and then answers like another reply. */
export function after(delayMs: number, then: Reply): Reply {
  return async (exchange) => {
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    await then(exchange)
  }
}

/** Answers like each reply in turn, and like the last one for ever after. */
export function inTurn(...replies: readonly [Reply, ...Reply[]]): Reply {
  let count = 0
  return (exchange) => {
    const next = replies[Math.min(count, replies.length - 1)] ?? replies[0]
    count += 1
    return next(exchange)
  }
}

/** A body of this many zero bytes, produced as fast as it is read and never held. */
export function bigBody(bytes: number): Reply {
  return async ({ response }) => {
    response.writeHead(200, ['Content-Type', 'application/octet-stream'])
    await pipeline(zeros(bytes), response)
  }
}

function* zeros(bytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(65_536)
  for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, left)
}

/** A reply that waits until the test lets it go on, for tests that need to stand at a certain point. */
export interface Gate {
  readonly reply: Reply
  /** Resolves when a request has come to the gate. */
  readonly reached: Promise<void>
  open(): void
}

/** Holds requests back before `then` answers them. */
export function gate(then: Reply): Gate {
  const events = new EventEmitter()
  const reached = once(events, 'reached').then(() => undefined)
  const opened = once(events, 'opened')
  return {
    reply: async (exchange) => {
      events.emit('reached')
      await opened
      await then(exchange)
    },
    reached,
    open: () => void events.emit('opened'),
  }
}

/** A stream of Server-Sent Events that the test feeds. */
export interface EventSource {
  readonly reply: Reply
  send(data: string): void
  end(): void
}

/** Answers one request with an event stream; what is sent before it comes is lost. */
export function eventSource(): EventSource {
  let stream: ServerResponse | undefined
  return {
    reply: ({ response }) => {
      response.writeHead(200, ['Content-Type', 'text/event-stream', 'Cache-Control', 'no-cache'])
      response.flushHeaders()
      stream = response
    },
    send: (data) => void stream?.write(`data: ${data}\n\n`),
    end: () => void stream?.end(),
  }
}
