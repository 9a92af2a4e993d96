import { connect } from 'cloudflare:sockets'
import { EXPIRED, withDeadline } from '../src/outbound/deadline.ts'
import type { NameServer } from './name-server.ts'

/** What came back over a connection, in the order in which it came, or why it is not all. */
export type Exchanged =
  | { readonly ok: true; readonly answers: readonly Uint8Array[] }
  | {
      readonly ok: false
      readonly kind: 'unavailable' | 'timed-out'
      /** Whether the server may have received something of it. */
      readonly sent: boolean
      readonly detail: string
    }

/** One connection to a name server, for messages of DNS (RFC 7766). */
export interface DnsConnection {
  /**
   * Sends messages at once, and waits for as many; all of it ends within the timeout. A server may answer in any
   * order, so they are told apart by their ids. After a failure the connection is of no more use.
   */
  exchange(messages: readonly Uint8Array[]): Promise<Exchanged>
  /** Ends it; whoever opened it owes it that, whatever has become of it. Nothing is thrown. */
  close(): Promise<void>
}

/** Nothing is lost when a connection does not end in time, so nobody waits for it. */
const CLOSING_MS = 500

/** Connects to a name server. That it cannot be reached is said by the first exchange. */
export function openConnection(server: NameServer, timeoutMs: number): DnsConnection {
  const where = `${server.hostname}:${server.port}`
  const socket = tryConnect(server)
  // Told by whoever writes or reads; a rejection that nobody looks at would end the isolate's request.
  socket?.opened.catch(() => {})
  socket?.closed.catch(() => {})
  const reader = socket?.readable.getReader()
  const writer = socket?.writable.getWriter()
  const inbox = new Inbox()
  let sent = false

  async function converse(messages: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    if (!socket || !reader || !writer) throw new Error('it is no address to connect to')
    await socket.opened
    sent = true
    await writer.write(toFrames(messages))
    const answers: Uint8Array[] = []
    while (answers.length < messages.length) {
      const answer = inbox.take()
      if (answer) {
        answers.push(answer)
        continue
      }
      const chunk: ReadableStreamReadResult<Uint8Array> = await reader.read()
      if (chunk.done) throw new Error('it was closed before all answers came')
      inbox.add(chunk.value)
    }
    return answers
  }

  // The streams are left to it: in workerd a connection whose streams are ended first stays open for as long as the
  // object lives, and some servers take no more than twenty from everybody together.
  async function close(): Promise<void> {
    await withDeadline(CLOSING_MS, () => Promise.allSettled([socket?.close()]))
  }

  return {
    async exchange(messages) {
      try {
        const answers = await withDeadline(timeoutMs, () => converse(messages))
        if (answers !== EXPIRED) return { ok: true, answers }
        const detail = `${where} did not answer within ${timeoutMs} ms`
        return { ok: false, kind: 'timed-out', sent, detail }
      } catch (error) {
        const detail = `the connection to ${where} ${sent ? 'was lost' : 'could not be made'}: ${String(error)}`
        return { ok: false, kind: 'unavailable', sent, detail }
      }
    },
    close,
  }
}

/** Bytes that came and are not yet a message. */
class Inbox {
  #bytes = new Uint8Array()

  add(chunk: Uint8Array): void {
    const joined = new Uint8Array(this.#bytes.length + chunk.length)
    joined.set(this.#bytes)
    joined.set(chunk, this.#bytes.length)
    this.#bytes = joined
  }

  /** The first message, when all of it is there: two octets tell its length (RFC 1035 §4.2.2). */
  take(): Uint8Array | undefined {
    const [high, low] = this.#bytes
    if (high === undefined || low === undefined) return undefined
    const end = 2 + high * 0x100 + low
    if (this.#bytes.length < end) return undefined
    const message = this.#bytes.slice(2, end)
    this.#bytes = this.#bytes.slice(end)
    return message
  }
}

/** In one piece: a server may take a length without its message for an attack (RFC 7766 §8). */
function toFrames(messages: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(
    messages.flatMap((message) => [message.length >> 8, message.length & 255, ...message]),
  )
}

function tryConnect({ hostname, port }: NameServer): Socket | undefined {
  try {
    return connect({ hostname, port }, { secureTransport: 'off', allowHalfOpen: false })
  } catch {
    // An address that is none: the runtime throws at once, and the first exchange says so.
    return undefined
  }
}
