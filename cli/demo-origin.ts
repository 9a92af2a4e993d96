import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { WebSocketServer } from 'ws'
import { answerDemo } from './demo-answers.ts'
import type { DemoIdentity } from './demo-answers.ts'

/** A server that stands for an origin in some region of the world, and that fails when it is told to. */
export interface DemoOrigin extends DemoIdentity {
  readonly port: number
  readonly url: string
  stop(): Promise<void>
}

/** How an origin behaves: well, answering 503, answering late, or closing the connection without an answer. */
const Mood = z.strictObject({
  mode: z.enum(['ok', 'fail', 'slow', 'drop']),
  ms: z.coerce.number().int().min(0).max(60_000).default(1000),
})
type Mood = z.output<typeof Mood>

const USAGE = 'POST /_demo?mode=ok|fail|slow|drop&ms=0..60000\n'

/** Starts a demo origin on a port of the loopback interface: the wanted one, or any free one. */
export async function startDemoOrigin(who: DemoIdentity, wantedPort: number): Promise<DemoOrigin> {
  const state: State = { identity: who, mood: Mood.parse({ mode: 'ok' }) }
  const server = createServer((request, response) => {
    answer(state, request, response).catch(() => response.destroy())
  })
  const sockets = serveWebSockets(server, state)
  await listen(server, wantedPort)
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    for (const client of sockets.clients) client.terminate()
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { ...who, port, url: `http://127.0.0.1:${port}`, stop }
}

interface State {
  readonly identity: DemoIdentity
  mood: Mood
}

async function listen(server: Server, wantedPort: number): Promise<void> {
  server.listen(wantedPort, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    // Taken. The wanted port only makes the addresses easy to remember.
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
}

async function answer(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { identity, mood } = state
  const url = new URL(request.url ?? '/', 'http://demo.invalid')
  if (url.pathname === '/_demo') return answerMood(state, request, response)
  if (mood.mode === 'drop') {
    request.socket.destroy()
    return
  }
  if (mood.mode === 'fail') return sendText(response, 503, `${identity.id} fails, as told\n`)
  if (mood.mode === 'slow') await sleep(mood.ms)
  await answerDemo({ identity, url, request, response })
}

function answerMood(state: State, request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'POST') {
    const { searchParams } = new URL(request.url ?? '/', 'http://demo.invalid')
    const asked = Mood.safeParse(Object.fromEntries(searchParams))
    if (!asked.success) return sendText(response, 400, USAGE)
    state.mood = asked.data
  }
  const { mode, ms } = state.mood
  sendText(response, 200, `${state.identity.id}: ${mode}${mode === 'slow' ? ` by ${ms} ms` : ''}\n`)
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(text)
}

/** Echoes every message; a handshake fails where the origin is to fail. */
function serveWebSockets(server: Server, state: State): WebSocketServer {
  const sockets = new WebSocketServer({ noServer: true })
  const { id, city } = state.identity
  server.on('upgrade', (request, socket, head) => {
    if (refuseUpgrade(state.mood, socket)) return
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.send(`${id} in ${city} listens`)
      client.on('message', (data, isBinary) => client.send(data, { binary: isBinary }))
      client.on('error', () => client.terminate())
    })
  })
  return sockets
}

function refuseUpgrade({ mode }: Mood, socket: Duplex): boolean {
  if (mode === 'drop') socket.destroy()
  if (mode === 'fail') socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n')
  return mode === 'drop' || mode === 'fail'
}
