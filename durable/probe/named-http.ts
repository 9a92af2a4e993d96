import { join, toBodyText } from './body.ts'
import type { Deadline } from '../../src/outbound/deadline.ts'
import { type Head, parseBody, parseHead } from './http-message.ts'
import type { ProbeRequest } from './request.ts'
import { type Sight, type Wish, nothing } from './sight.ts'
import { closeSocket, openSocket } from './socket.ts'

/**
 * Asks under another Host than that of the address. `fetch` cannot: it sends the host of the URL whatever the
 * header says, and `resolveOverride` is ignored in silence outside of one zone, so that the probe would ask
 * whoever answers to that name, which may be this router. So it speaks HTTP/1.1 on a connection of its own.
 */
export async function probeByName(
  request: ProbeRequest & { readonly host: string },
  wish: Wish,
  deadline: Deadline,
): Promise<Sight> {
  const { type, hostname, port, host } = request
  const secured = type === 'https' ? { serverName: host } : {}
  const connected = await openSocket({ hostname, port, ...secured }, deadline)
  if (!connected.ok) return connected.nothing
  const { socket } = connected
  // Nothing else ends a connection on which nothing comes: an object lives on, and has six of them.
  deadline.signal.addEventListener('abort', () => closeSocket(socket), { once: true })
  try {
    const writer = socket.writable.getWriter()
    await writer.write(new TextEncoder().encode(toMessage(request)))
    // The platform's type of the chunks is `any`.
    const stream = socket.readable as ReadableStream<Uint8Array>
    return await readAnswer(stream.getReader(), wish)
  } catch {
    // The platform's words for a connection that broke say nothing more.
    return nothing('unread', 'the connection was closed before the answer was there')
  } finally {
    closeSocket(socket)
  }
}

/** What it writes itself. `fetch` passes over these in the headers of an origin; so does this. */
const OWN_FIELDS = ['host', 'connection', 'content-length', 'transfer-encoding']

function toMessage({ method, path, host, headers }: ProbeRequest): string {
  const given = headers.filter(([name]) => !OWN_FIELDS.includes(name))
  const fields = [['host', host], ...given, ['connection', 'close']]
  if (method === 'POST') fields.push(['content-length', '0'])
  // As `fetch` writes it: a space would end the target, and a line break the line.
  const { pathname, search } = new URL(`http://${host}${path}`)
  return `${method} ${pathname}${search} HTTP/1.1\r\n${fields.map((field) => `${field.join(': ')}\r\n`).join('')}\r\n`
}

async function readAnswer(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  wish: Wish,
): Promise<Sight> {
  let bytes: Uint8Array = new Uint8Array(0)
  let head: Head | undefined
  for (;;) {
    const { done, value } = await reader.read()
    if (value) bytes = join([bytes, value])
    const parsed = head ?? parseHead(bytes)
    if (parsed === 'broken') return nothing('unread', 'the answer is not HTTP/1.1')
    if (parsed !== 'more') head = parsed
    const sight = head && toSight(head, { bytes, isEnd: done, wish })
    if (sight) return sight
    if (done) return nothing('unread', 'the connection was closed before the answer was there')
  }
}

interface Come {
  readonly bytes: Uint8Array
  readonly isEnd: boolean
  readonly wish: Wish
}

/** The answer, once all that is wanted of it has come. */
function toSight(head: Head, { bytes, isEnd, wish }: Come): Sight | undefined {
  const { status, framing } = head
  if (!wish.body) return { type: 'answer', status, body: undefined }
  const { chunks, isComplete } = parseBody(head, bytes)
  const body = toBodyText(chunks)
  const isThere = isComplete || body.isCut || (isEnd && framing === 'close')
  return isThere ? { type: 'answer', status, body } : undefined
}
