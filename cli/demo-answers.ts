import type { IncomingMessage, ServerResponse } from 'node:http'

/** Who a demo origin says it is. */
export interface DemoIdentity {
  readonly id: string
  readonly city: string
}

/** A request to a demo origin, and where its answer goes. */
export interface DemoExchange {
  readonly identity: DemoIdentity
  readonly url: URL
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

const MOST_FILE_BYTES = 1_073_741_824
const CHUNK = new TextEncoder().encode('portolan'.repeat(8192))
const EVENT_INTERVAL_MS = 1000

/** Answers as a small service would: a page, an API in JSON, files of any length, events without end. */
export async function answerDemo(exchange: DemoExchange): Promise<void> {
  const { pathname } = exchange.url
  exchange.response.setHeader('x-demo-origin', exchange.identity.id)
  if (pathname === '/events') sendEvents(exchange)
  else if (pathname.startsWith('/api/')) await answerApi(exchange)
  else if (pathname.startsWith('/files/')) await sendFile(exchange)
  else sendPage(exchange)
}

function sendPage({ identity, request, response }: DemoExchange): void {
  response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.end(`${identity.id} in ${identity.city} answers ${request.method} ${request.url}\n`)
}

/** One line of JSON, so that many answers read as a list: who answered, and what it saw. */
async function answerApi({ identity, request, response }: DemoExchange): Promise<void> {
  let bytes = 0
  for await (const chunk of request) bytes += (chunk as Uint8Array).byteLength
  const { headers, method, url: path } = request
  const seen = {
    ...identity,
    method,
    path,
    bytes,
    client: headers['x-forwarded-for'],
    requestId: headers['x-request-id'],
  }
  response.setHeader('content-type', 'application/json')
  response.end(`${JSON.stringify(seen)}\n`)
}

/** `?bytes=` of text, sent as fast as they are taken, marked with `?tag=` for the edge cache. */
async function sendFile({ url, request, response }: DemoExchange): Promise<void> {
  const asked = Number(url.searchParams.get('bytes') ?? 1024)
  const bytes = Number.isInteger(asked) ? Math.min(Math.max(asked, 0), MOST_FILE_BYTES) : 0
  response.setHeader('content-type', 'text/plain')
  response.setHeader('content-length', bytes)
  response.setHeader('cache-control', 'public, max-age=60')
  const tag = url.searchParams.get('tag')
  if (tag !== null && /^[\x21-\x7e]{1,256}$/.test(tag)) response.setHeader('cache-tag', tag)
  for (let left = request.method === 'HEAD' ? 0 : bytes; left > 0; left -= CHUNK.length) {
    if (!response.write(CHUNK.subarray(0, left))) await takenOrGone(response)
    if (response.destroyed) return
  }
  response.end()
}

/** The `drain` of a client that left never comes. */
function takenOrGone(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.once('drain', done).once('close', done)
  })
}

function sendEvents({ identity, response }: DemoExchange): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  let number = 0
  const send = () => {
    number += 1
    response.write(`id: ${number}\ndata: ${identity.id} in ${identity.city}, event ${number}\n\n`)
  }
  send()
  const timer = setInterval(send, EVENT_INTERVAL_MS)
  response.once('close', () => clearInterval(timer))
}
