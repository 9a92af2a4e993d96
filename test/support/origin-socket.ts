import { WebSocketServer } from 'ws'
import type { ServerOptions, WebSocket } from 'ws'
import type { UpgradeReply } from './origin.ts'

/** Accepts WebSockets and gives each to `onSocket`; by default it sends every message back. */
export function acceptSockets(
  onSocket: (socket: WebSocket) => void = echoMessages,
  options: ServerOptions = {},
): UpgradeReply {
  const server = new WebSocketServer({ ...options, noServer: true })
  server.on('connection', onSocket)
  return (request, socket, head) =>
    server.handleUpgrade(request, socket, head, (accepted) => {
      server.emit('connection', accepted, request)
    })
}

/** Refuses a handshake with an ordinary answer. */
export function refuseSockets(status: number, body = 'no'): UpgradeReply {
  return (_request, socket) => {
    socket.end(
      `HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n` +
        `Connection: close\r\n\r\n${body}`,
    )
  }
}

/** Resets the connection in place of an answer to the handshake. */
export const resetSockets: UpgradeReply = (_request, socket) => void socket.destroy()

function echoMessages(socket: WebSocket): void {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
}
