import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { Child } from './child.ts'

const LONGEST_MS = 10_000
const PAUSE_MS = 20

/** Ports of the loopback interface that nothing listens on, for programs that cannot be given port 0. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

/** Resolves when something listens on every port; rejects when its process has ended or takes too long. */
export async function untilOpen(ports: readonly number[], child: Child): Promise<void> {
  let ended = false
  void child.exited.then(() => (ended = true))
  const deadline = Date.now() + LONGEST_MS
  for (const port of ports) {
    while (!(await isOpen(port))) {
      if (ended || Date.now() > deadline) {
        throw new Error(`nothing listens on port ${port}: ${child.complaints()}`)
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const open = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  socket.destroy()
  return open
}
