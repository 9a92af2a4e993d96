import * as net from 'node:net'
import { once } from 'node:events'

/** A client connection that speaks bytes: for requests that no HTTP client will send, and answers none will show. */
export interface RawClient {
  /** Everything received so far, as latin1 text. */
  readonly received: string
  /** How the connection ended, once it has. */
  readonly ended: 'close' | 'reset' | undefined
  write(bytes: string | Uint8Array): void
  /** Resolves when the received text matches; rejects when the connection ends before it does. */
  until(pattern: RegExp): Promise<string>
  /** Resolves when the peer has ended the connection. */
  untilEnded(): Promise<'close' | 'reset'>
  /** Ends the sending side only. */
  finish(): void
  reset(): void
}

/** Connects to the authority of a URL. */
export async function connectRaw(url: string | URL): Promise<RawClient> {
  const { hostname, port } = new URL(url)
  const socket = net.connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  let received = ''
  let ended: RawClient['ended']
  socket.on('data', (bytes) => (received += bytes.toString('latin1')))
  socket.on('error', () => (ended = 'reset'))
  socket.on('close', () => (ended ??= 'close'))
  return {
    get received() {
      return received
    },
    get ended() {
      return ended
    },
    write: (bytes) =>
      void socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    async until(pattern) {
      while (!pattern.test(received)) {
        if (ended !== undefined) throw new Error(`ended (${ended}) before ${pattern}: ${received}`)
        await nextEvent(socket)
      }
      return received
    },
    async untilEnded() {
      // Not by `once`, which rejects with the error of a reset.
      if (ended === undefined) await new Promise((resolve) => socket.once('close', resolve))
      return ended ?? 'close'
    },
    finish: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
  }
}

/** Sends the text of one request on a connection of its own and gives back everything until the peer ends it. */
export async function exchangeRaw(url: string | URL, request: string): Promise<string> {
  const client = await connectRaw(url)
  client.write(request)
  await client.untilEnded()
  return client.received
}

function nextEvent(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('data', done).off('close', done)
      // The other listeners of the same event run first, so that the state is the new one.
      setImmediate(resolve)
    }
    socket.on('data', done).on('close', done)
  })
}
