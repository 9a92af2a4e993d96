import { expectEnd } from './ending.ts'

/** How long the origin may take to answer a close, before its side is let go of. */
const CLOSING_MS = 10_000

/** What is said to the one side when the other has vanished (RFC 6455 §7.4.1: going away; IANA: bad gateway). */
const CLIENT_GONE = 1001
const ORIGIN_GONE = 1014

/** Codes that only say what was seen, and are never sent (RFC 6455 §7.4.1). */
const NO_CODE = 1005
const VANISHED = 1006

/** What no side may send, and some do all the same: the runtime refuses to hand it on. */
const UNSENDABLE: readonly number[] = [1004, 1015]
const PROTOCOL_ERROR = 1002

/**
 * The answer to a handshake with a WebSocket that passes through this program, message by message: of one that
 * passes through the runtime alone nobody tells the end. It costs what `docs/connections.md` says, so it is only
 * for those that must be counted. Whoever asks `onEnd` learns when either side has closed.
 */
export function relay(response: Response, ctx: Pick<ExecutionContext, 'waitUntil'>): Response {
  const far = response.webSocket
  if (far === null) return response
  const { 0: client, 1: near } = new WebSocketPair()
  const relayed = new Response(null, { status: 101, headers: response.headers, webSocket: client })
  const tell = expectEnd(relayed)
  near.addEventListener('close', () => {
    tell()
    // Until its last words have gone, the request must not end.
    ctx.waitUntil(closed(far))
  })
  far.addEventListener('close', tell)
  join(near, far, CLIENT_GONE)
  join(far, near, ORIGIN_GONE)
  return relayed
}

/** Hands on what one side says to the other; `goneCode` is what that one hears when the first has vanished. */
function join(from: WebSocket, to: WebSocket, goneCode: number): void {
  from.binaryType = 'arraybuffer'
  from.addEventListener('message', ({ data }: { readonly data: string | ArrayBuffer }) => {
    // Meanwhile the other may have closed: then there is nobody to hear it.
    if (to.readyState === WebSocket.OPEN) to.send(data)
  })
  from.addEventListener('close', ({ code, reason }) => {
    if (code === NO_CODE) to.close()
    else if (code === VANISHED) to.close(goneCode)
    else if (isSendable(code)) to.close(code, reason)
    else to.close(PROTOCOL_ERROR)
  })
  // It comes with a close, which says more.
  from.addEventListener('error', () => undefined)
  from.accept()
}

function isSendable(code: number): boolean {
  return code >= 1000 && code <= 4999 && !UNSENDABLE.includes(code)
}

function closed(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === WebSocket.CLOSED) resolve()
    const timer = setTimeout(resolve, CLOSING_MS)
    socket.addEventListener('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
