import * as http from 'node:http'
import type { Readable } from 'node:stream'

/** Header lines in the order and the case in which they stand on the wire. */
export type HeaderLines = readonly (readonly [name: string, value: string])[]

/** What a client sends. Nothing is added but `Host`, the framing of a body, and `Connection`, unless given. */
export interface Sent {
  readonly method?: string
  /** The request target as written, in place of the path of the URL (`*`, an absolute form, `/a/../b`). */
  readonly target?: string
  readonly headers?: HeaderLines
  readonly body?: string | Uint8Array | Readable
  /** Without an agent each request has a connection of its own and ends it. */
  readonly agent?: http.Agent
}

/** An answer whose head has come; the body is still to be read. */
export interface Answer {
  readonly status: number
  readonly statusText: string
  readonly headers: HeaderLines
  /** 1xx answers that came before. */
  readonly informational: readonly number[]
  readonly body: http.IncomingMessage
  /** The client goes away: its connection is reset. */
  abandon(): void
}

/** A whole answer. */
export interface Received {
  readonly status: number
  readonly statusText: string
  readonly headers: HeaderLines
  readonly trailers: HeaderLines
  readonly informational: readonly number[]
  readonly body: Buffer
  readonly text: string
  /** False when the connection ended before the announced end of the body. */
  readonly complete: boolean
}

/** Sends a request and waits for the head of its answer. Rejects when the connection fails before that. */
export function open(url: string | URL, sent: Sent = {}): Promise<Answer> {
  const target = new URL(url)
  const informational: number[] = []
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: target.hostname,
      port: target.port,
      method: sent.method ?? 'GET',
      path: sent.target ?? `${target.pathname}${target.search}`,
      agent: sent.agent ?? false,
      setHost: false,
    })
    // Node would give a body that is not there a chunked coding.
    if (sent.body === undefined) request.useChunkedEncodingByDefault = false
    request.on('information', ({ statusCode }) => informational.push(statusCode))
    request.on('error', reject)
    request.on('response', (body) => {
      // From here on a failure of the connection shows on the body.
      request.off('error', reject).on('error', () => body.destroy())
      resolve({ ...toHead(body), informational, body, abandon: () => void request.destroy() })
    })
    for (const [name, value] of toHeaderLines(target, sent)) request.appendHeader(name, value)
    sendBody(request, sent.body)
  })
}

/** Sends a request and reads its whole answer. Rejects when the connection fails before the head of the answer. */
export async function send(url: string | URL, sent: Sent = {}): Promise<Received> {
  const answer = await open(url, sent)
  const chunks: Buffer[] = []
  answer.body.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise<void>((resolve) => {
    answer.body.on('error', () => resolve()).on('close', resolve)
  })
  const body = Buffer.concat(chunks)
  return {
    status: answer.status,
    statusText: answer.statusText,
    headers: answer.headers,
    trailers: toLines(answer.body.rawTrailers),
    informational: answer.informational,
    body,
    text: body.toString('utf8'),
    complete: answer.body.complete,
  }
}

/** The value of a header that stands once, or undefined; throws when it stands more often. */
export function header(of: { readonly headers: HeaderLines }, name: string): string | undefined {
  const values = headerValues(of, name)
  if (values.length > 1) throw new Error(`${name} stands ${values.length} times`)
  return values[0]
}

/** Every value of a header, in order. */
export function headerValues(
  of: { readonly headers: HeaderLines },
  name: string,
): readonly string[] {
  const wanted = name.toLowerCase()
  return of.headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value)
}

/** Pairs up a flat list of names and values, as Node gives them. */
export function toLines(raw: readonly string[]): HeaderLines {
  const lines: [string, string][] = []
  for (let i = 0; i + 1 < raw.length; i += 2) lines.push([raw[i] ?? '', raw[i + 1] ?? ''])
  return lines
}

function toHead(message: http.IncomingMessage): Pick<Answer, 'status' | 'statusText' | 'headers'> {
  return {
    status: message.statusCode ?? 0,
    statusText: message.statusMessage ?? '',
    headers: toLines(message.rawHeaders),
  }
}

function toHeaderLines(target: URL, sent: Sent): HeaderLines {
  const lines: (readonly [string, string])[] = [...(sent.headers ?? [])]
  const has = (name: string): boolean => lines.some(([key]) => key.toLowerCase() === name)
  if (!has('host')) lines.unshift(['Host', target.host])
  const isSized = typeof sent.body === 'string' || sent.body instanceof Uint8Array
  if (isSized && !has('content-length') && !has('transfer-encoding')) {
    lines.push(['Content-Length', String(Buffer.byteLength(sent.body))])
  }
  if (sent.body !== undefined && !isSized && !has('content-length') && !has('transfer-encoding')) {
    lines.push(['Transfer-Encoding', 'chunked'])
  }
  return lines
}

function sendBody(request: http.ClientRequest, body: Sent['body']): void {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    request.end(body)
    return
  }
  body.on('error', (error) => request.destroy(error))
  body.pipe(request)
}
