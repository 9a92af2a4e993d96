import * as net from 'node:net'
import { once } from 'node:events'
import { parseRawRequest } from './raw-request.ts'
import type { RawRequest } from './raw-request.ts'

/** One request that a raw origin has read, and the means to answer it with any bytes at all. */
export interface RawExchange {
  readonly request: RawRequest
  readonly socket: net.Socket
  /** 1 for the first request on its connection: tells a reused connection from a new one. */
  readonly numberOnConnection: number
  /** Writes latin1 text or bytes as they are, and resolves once they are handed to the kernel. */
  write(bytes: string | Uint8Array): Promise<void>
  /** Ends the connection with a TCP reset. */
  reset(): void
  /** Ends the connection in good order. */
  end(): void
}

/** How a raw origin behaves: on a new connection, and on each request that it has read. */
export interface RawScript {
  readonly onConnect?: (socket: net.Socket) => void
  readonly onRequest?: (exchange: RawExchange) => void | Promise<void>
}

/** A listener that speaks bytes instead of HTTP, for everything that a well-built server cannot be made to do. */
export interface RawOrigin {
  readonly id: string
  readonly port: number
  readonly url: string
  readonly requests: readonly RawRequest[]
  /** Connections accepted since the start. */
  readonly connections: number
  readonly openSockets: number
  /** Behaves like `script` from the next event on, also on connections that stand already. */
  play(script: RawScript): void
  stop(): Promise<void>
}

interface State {
  script: RawScript
  connections: number
  readonly requests: RawRequest[]
  readonly sockets: Set<net.Socket>
}

/** Starts a raw origin on a free port of the loopback interface. */
export async function startRawOrigin(id: string, script: RawScript): Promise<RawOrigin> {
  const state: State = { script, connections: 0, requests: [], sockets: new Set() }
  const server = net.createServer({ noDelay: true }, (socket) => serve(state, socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  return {
    id,
    port,
    url: `http://127.0.0.1:${port}`,
    requests: state.requests,
    get connections() {
      return state.connections
    },
    get openSockets() {
      return state.sockets.size
    },
    play(next) {
      state.script = next
    },
    async stop() {
      for (const socket of state.sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function serve(state: State, socket: net.Socket): void {
  state.connections += 1
  state.sockets.add(socket)
  socket.on('close', () => state.sockets.delete(socket))
  // A reset by the peer is an ordinary end here: the scripts provoke it.
  socket.on('error', () => socket.destroy())
  state.script.onConnect?.(socket)
  let pending: Buffer = Buffer.alloc(0)
  let numberOnConnection = 0
  socket.on('data', (bytes) => {
    pending = Buffer.concat([pending, bytes])
    for (let parsed = parseRawRequest(pending); parsed; parsed = parseRawRequest(pending)) {
      pending = parsed.rest
      numberOnConnection += 1
      state.requests.push(parsed.request)
      const exchange = toExchange(parsed.request, socket, numberOnConnection)
      // A script that writes to a connection the peer has dropped has nothing more to say.
      Promise.resolve(state.script.onRequest?.(exchange)).catch(() => socket.destroy())
    }
  })
}

function toExchange(
  request: RawRequest,
  socket: net.Socket,
  numberOnConnection: number,
): RawExchange {
  return {
    request,
    socket,
    numberOnConnection,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        const chunk = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
        socket.write(chunk, (error) => (error ? reject(error) : resolve()))
      }),
    reset: () => void socket.resetAndDestroy(),
    end: () => void socket.end(),
  }
}
