import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** A listener on loopback that answers no one as they would like. */
export interface FaultyServer {
  readonly port: number
  stop(): Promise<void>
}

/** Starts one; `answer` sees each connection when it begins to speak. */
export async function startFaultyServer(
  answer: (socket: Socket, said: string) => void,
): Promise<FaultyServer> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // Whoever has waited long enough resets the connection.
    socket.on('error', () => socket.destroy())
    socket.once('data', (said) => answer(socket, said.toString('latin1')))
  })
  return listen(server, sockets)
}

/** Has a server listen on a free port, until it is stopped with all of its connections. */
export async function listen(server: Server, sockets: ReadonlySet<Socket>): Promise<FaultyServer> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** An answer by HTTP, whole. */
export function httpAnswer(status: number, body: string): string {
  return `HTTP/1.1 ${status} Whatever\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
}
