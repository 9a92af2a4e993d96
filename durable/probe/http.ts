import { readStart, toBodyText } from './body.ts'
import type { Deadline } from '../../src/outbound/deadline.ts'
import type { ProbeRequest } from './request.ts'
import { type Sight, type Wish, nothing } from './sight.ts'
import { closeSocket, openSocket } from './socket.ts'

/** Asks by `fetch`: as the data plane does, so that a probe goes the way that requests go. */
export async function probeByFetch(
  request: ProbeRequest,
  wish: Wish,
  deadline: Deadline,
): Promise<Sight> {
  const first = await ask(request, wish, deadline)
  if (first.ok) return first.sight
  if (deadline.signal.aborted) return nothing('late', LATE)
  // A connection that was kept from the last probe may have been closed just now, or be left unusable by trailers
  // (an origin that sends some breaks the next request on it). That says nothing of the origin.
  const second = request.method === 'POST' ? first : await ask(request, wish, deadline)
  if (second.ok) return second.sight
  return deadline.signal.aborted
    ? nothing('late', LATE)
    : diagnose(request, second.message, deadline)
}

type Asked =
  | { readonly ok: true; readonly sight: Sight }
  | { readonly ok: false; readonly message: string }

async function ask(request: ProbeRequest, wish: Wish, { signal }: Deadline): Promise<Asked> {
  const { type, hostname, port, path, method, headers } = request
  try {
    const response = await fetch(`${type}://${hostname}:${port}${path}`, {
      method,
      headers: headers.map(([name, value]) => [name, value]),
      redirect: 'manual',
      // Neither the platform's cache nor one of the origin's may answer for it.
      cache: 'no-store',
      signal,
    })
    const { status, body } = response
    if (wish.body) return { ok: true, sight: { type: 'answer', status, body: await read(body) } }
    await body?.cancel()
    return { ok: true, sight: { type: 'answer', status, body: undefined } }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

async function read(body: Response['body']) {
  // The platform's type of the chunks is `any`.
  return body === null
    ? toBodyText([])
    : toBodyText(await readStart(body as ReadableStream<Uint8Array>))
}

/**
 * Why `fetch` threw. workerd says "Network connection lost" of a refused, a reset and a garbled connection alike,
 * and "internal error" of a name that does not resolve and of a failed TLS handshake: a connection of our own
 * tells them apart. The message itself is never passed on, since nothing says what it may hold.
 */
async function diagnose(
  { type, hostname, port }: ProbeRequest,
  message: string,
  deadline: Deadline,
): Promise<Sight> {
  const connected = await openSocket({ hostname, port }, deadline)
  if (!connected.ok) return connected.nothing
  closeSocket(connected.socket)
  if (message.startsWith('Network connection lost')) return nothing('unread', LOST)
  return type === 'https'
    ? nothing('unread', 'TLS handshake failed, or the certificate is not valid for this name')
    : nothing('unread', 'the answer could not be read')
}

/** Nobody waits for it any more. */
const LATE = 'too late'

const LOST = 'the connection was closed before the answer was there, or it is not HTTP'
