import { connect } from 'cloudflare:sockets'
import { type Deadline, EXPIRED } from './deadline.ts'

/** Where to connect to. */
export interface SocketTarget {
  readonly hostname: string
  readonly port: number
  /** The name that the certificate must be for; absent: no TLS. */
  readonly serverName?: string
}

/** What came of trying to connect. */
export type Connected =
  | { readonly ok: true; readonly socket: Socket }
  | { readonly ok: false; readonly detail: string }

/** Opens a connection. Throws nothing; who gets a socket closes it with `closeSocket`. */
export async function openSocket(target: SocketTarget, deadline: Deadline): Promise<Connected> {
  const { hostname, port, serverName } = target
  if (port === 25) return { ok: false, detail: 'port 25: the platform opens no connections to it' }
  const socket = attempt({ hostname, port, isUpgraded: serverName !== undefined })
  if (socket === undefined || !(await isOpen(socket, deadline))) {
    return { ok: false, detail: toUnreachable(hostname, port) }
  }
  if (serverName === undefined) return { ok: true, socket }
  const secured = socket.startTls({ expectedServerHostname: serverName })
  if (await isOpen(secured, deadline)) return { ok: true, socket: secured }
  return {
    ok: false,
    detail: `TLS handshake failed, or the certificate is not valid for ${serverName}`,
  }
}

/** Ends a connection without waiting for the other side. */
export function closeSocket(socket: Socket): void {
  // One that is broken already has nothing left to close.
  socket.close().catch(() => undefined)
}

function attempt(options: {
  readonly hostname: string
  readonly port: number
  readonly isUpgraded: boolean
}): Socket | undefined {
  const { hostname, port, isUpgraded } = options
  try {
    return connect(
      { hostname, port },
      { secureTransport: isUpgraded ? 'starttls' : 'off', allowHalfOpen: true },
    )
  } catch {
    // The platform refuses some addresses before it tries.
    return undefined
  }
}

async function isOpen(socket: Socket, { signal }: Deadline): Promise<boolean> {
  // `closed` rejects with the same error as `opened`; one of them is enough to hear it.
  socket.closed.catch(() => undefined)
  const gone = new Promise<typeof EXPIRED>((resolve) => {
    if (signal.aborted) resolve(EXPIRED)
    signal.addEventListener('abort', () => resolve(EXPIRED), { once: true })
  })
  const outcome = await Promise.race([
    socket.opened.then(
      () => true,
      () => false,
    ),
    gone,
  ])
  if (outcome === true) return true
  closeSocket(socket)
  return false
}

/**
 * The platform says one and the same of a refused connection, a name that does not resolve, and an address that
 * it blocks.
 */
function toUnreachable(hostname: string, port: number): string {
  const blocked = PRIVATE.test(hostname)
    ? 'a private address: deployed Workers may not connect to those'
    : 'refused, unreachable, or an address that the platform blocks'
  return `no connection to ${hostname}:${port}: ${blocked}`
}

const PRIVATE =
  /^(localhost$|127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|\[(::1\]|f[cd]|fe[89ab]))/
