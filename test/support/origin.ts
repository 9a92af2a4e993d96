import { createHash } from 'node:crypto'
import { once } from 'node:events'
import * as http from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { toLines } from './client.ts'
import type { HeaderLines } from './client.ts'
import { isTaken, type OwnPort, takePort } from './own-port.ts'
import { identify } from './reply.ts'

/** What an origin received. The fields of the body grow while it arrives. */
export interface OriginRequest {
  readonly method: string
  readonly target: string
  readonly headers: HeaderLines
  readonly bodyBytes: number
  /** Of the whole body, once it has come. */
  readonly bodySha256: string | undefined
  /** The first 64 KiB of the body, as text. */
  readonly bodyText: string
  /** The client went away before it had the whole answer. */
  readonly aborted: boolean
}

/** How an origin answers one request. */
export type Reply = (exchange: OriginExchange) => void | Promise<void>

/** One request and the means to answer it. */
export interface OriginExchange {
  readonly origin: { readonly id: string; readonly region: string }
  readonly received: OriginRequest
  readonly request: http.IncomingMessage
  readonly response: http.ServerResponse
}

/** How an origin answers a request to switch protocols. */
export type UpgradeReply = (request: http.IncomingMessage, socket: Duplex, head: Buffer) => void

/** A real HTTP/1.1 origin on the loopback interface. */
export interface Origin {
  readonly id: string
  readonly region: string
  readonly url: string
  readonly port: number
  /** Everything received, upgrades included, in order of arrival. */
  readonly requests: readonly OriginRequest[]
  readonly openSockets: number
  /** On the connections that are open now. */
  readonly bytesSent: number
  /** Answers like this from the next request on. */
  answer(reply: Reply): void
  /** Answers upgrades like this from the next one on. Without it they are answered as plain requests. */
  upgrade(reply: UpgradeReply): void
  /** Is as it was when it began, but for its connections. */
  forget(): void
  /** Resets every connection and refuses new ones. */
  kill(): Promise<void>
  /** Listens again, on the same port. */
  revive(): Promise<void>
  stop(): Promise<void>
}

interface State {
  readonly id: string
  readonly region: string
  readonly requests: Recorded[]
  readonly sockets: Set<Socket>
  reply: Reply
  upgradeReply: UpgradeReply | undefined
}

type Recorded = { -readonly [K in keyof OriginRequest]: OriginRequest[K] }

const recordedTextBytes = 65_536

/** Starts an origin on a port of its own. It says who it is and what it received, until told to answer otherwise. */
export async function startOrigin(id: string, region = 'nowhere'): Promise<Origin> {
  const state: State = {
    id,
    region,
    requests: [],
    sockets: new Set(),
    reply: identify,
    upgradeReply: undefined,
  }
  const server = createServer(state)
  const own = await listenAnywhere(server)
  const { port } = own
  const kill = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    for (const socket of state.sockets) socket.resetAndDestroy()
    await once(server, 'close')
  }
  return {
    id,
    region,
    port,
    url: `http://127.0.0.1:${port}`,
    requests: state.requests,
    get openSockets() {
      return state.sockets.size
    },
    get bytesSent() {
      return [...state.sockets].reduce((sum, socket) => sum + socket.bytesWritten, 0)
    },
    answer: (reply) => void (state.reply = reply),
    upgrade: (reply) => void (state.upgradeReply = reply),
    forget() {
      state.requests.length = 0
      state.reply = identify
      state.upgradeReply = undefined
    },
    kill,
    revive: () => listen(server, port),
    async stop() {
      await kill()
      own.giveBack()
    },
  }
}

function createServer(state: State): http.Server {
  const server = http.createServer((request, response) => {
    const received = record(state, request)
    response.on('close', () => (received.aborted = !response.writableFinished))
    const exchange = { origin: state, received, request, response }
    // A reply that the client did not wait for is over; anything else must not pass for an origin's silence.
    Promise.resolve(state.reply(exchange)).catch((error: unknown) => {
      if (!response.destroyed) throw error
    })
  })
  server.on('connection', (socket: Socket) => {
    state.sockets.add(socket)
    socket.on('close', () => state.sockets.delete(socket))
  })
  server.on('upgrade', (request: http.IncomingMessage, socket: Duplex, head: Buffer) => {
    record(state, request)
    if (state.upgradeReply === undefined) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    else state.upgradeReply(request, socket, head)
  })
  // No end of its own for idle connections: a test that is slow for a moment must not meet one.
  server.keepAliveTimeout = 0
  server.requestTimeout = 0
  return server
}

function record(state: State, request: http.IncomingMessage): Recorded {
  const received: Recorded = {
    method: request.method ?? '',
    target: request.url ?? '',
    headers: toLines(request.rawHeaders),
    bodyBytes: 0,
    bodySha256: undefined,
    bodyText: '',
    aborted: false,
  }
  state.requests.push(received)
  const hash = createHash('sha256')
  request.on('data', (chunk: Buffer) => {
    if (received.bodyBytes < recordedTextBytes) received.bodyText += chunk.toString('utf8')
    received.bodyBytes += chunk.length
    hash.update(chunk)
  })
  request.on('end', () => (received.bodySha256 = hash.digest('hex')))
  request.on('error', () => (received.aborted = true))
  return received
}

/** On a port that stays the origin's while it is killed. */
async function listenAnywhere(server: http.Server): Promise<OwnPort> {
  for (;;) {
    const own = await takePort()
    try {
      await listen(server, own.port)
      return own
    } catch (error) {
      own.giveBack()
      if (!isTaken(error)) throw error
    }
  }
}

async function listen(server: http.Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
}
