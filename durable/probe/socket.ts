import { connect } from 'cloudflare:sockets'
import { type Deadline, EXPIRED } from '../../src/outbound/deadline.ts'
import { type Nothing, nothing } from './sight.ts'

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
  | { readonly ok: false; readonly nothing: Nothing }

/** Opens a connection. Throws nothing; who gets a socket closes it with `closeSocket`. */
export async function openSocket(target: SocketTarget, deadline: Deadline): Promise<Connected> {
  const { hostname, port, serverName } = target
  if (port === 25) return failed('unconnected', 'port 25: the platform opens no connections to it')
  const socket = attempt({ hostname, port, isUpgraded: serverName !== undefined })
  if (socket === undefined || !(await isOpen(socket, deadline))) {
    // The platform says one and the same of a refused connection and of a name that does not resolve.
    return failed('unconnected', `connection refused, or no way to ${hostname}:${port}`)
  }
  if (serverName === undefined) return { ok: true, socket }
  const secured = socket.startTls({ expectedServerHostname: serverName })
  if (await isOpen(secured, deadline)) return { ok: true, socket: secured }
  return failed('unread', `TLS handshake failed, or the certificate is not valid for ${serverName}`)
}

function failed(kind: Nothing['kind'], detail: string): Connected {
  return { ok: false, nothing: nothing(kind, detail) }
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
