/**
 * A WebSocket passes through as it is: the handshake goes to an origin with its `Upgrade`, and the origin's
 * 101 goes back untouched, so that the runtime joins the two connections itself. A relay in JavaScript would
 * lose protocol errors and pings on the way. A handshake that fails moves on to the next origin like any GET.
 */
export function isWebSocketUpgrade({ headers }: Request): boolean {
  return headers.get('upgrade')?.toLowerCase() === 'websocket'
}

/** Puts back what makes a request a handshake (RFC 6455 §4.1), after the fields of the connection are gone. */
export function setUpgrade(headers: Headers): void {
  headers.set('upgrade', 'websocket')
}
