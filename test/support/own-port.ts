import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** A port of loopback that is nobody else's until it is given back, also while nobody listens on it. */
export interface OwnPort {
  readonly port: number
  giveBack(): void
}

/** Below the ports that systems give away by themselves. */
const PORTS = { from: 20_000, to: 32_000 } as const

/**
 * Takes a port for as long as a server needs it that is killed and revived: meanwhile no other one of the tests must be
 * found there, of this process or of those beside it. Whoever listens by TCP holds the number by UDP as well, where two
 * cannot have it, and the system takes it back from a process that ends.
 */
export async function takePort(): Promise<OwnPort> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to)
    const holder = createSocket('udp4').unref()
    holder.bind({ port, address: '127.0.0.1', exclusive: true })
    try {
      await once(holder, 'listening')
    } catch (error) {
      if (!isTaken(error)) throw error
      continue
    }
    let isOurs = true
    const giveBack = (): void => {
      if (isOurs) holder.close()
      isOurs = false
    }
    return { port, giveBack }
  }
}

/** Whether somebody has the port on which a server was to listen. */
export function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
