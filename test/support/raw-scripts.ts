import type { RawScript } from './raw-origin.ts'

/** Answers every request with these bytes and keeps the connection. */
export function replyRaw(bytes: string | Uint8Array): RawScript {
  return { onRequest: (exchange) => exchange.write(bytes) }
}

/** Answers with these bytes and closes the connection in good order. */
export function replyRawAndClose(bytes: string | Uint8Array): RawScript {
  return {
    async onRequest(exchange) {
      await exchange.write(bytes)
      exchange.end()
    },
  }
}

/** Answers with these bytes and resets the connection once the peer has had time to read them. */
export function replyRawAndReset(bytes: string): RawScript {
  return {
    async onRequest(exchange) {
      await exchange.write(bytes)
      // A reset overtakes bytes that the peer has not read yet; a turn of the loop lets them arrive first.
      setTimeout(() => exchange.reset(), 20)
    },
  }
}

/** Accepts and resets before a byte is read. */
export const resetOnConnect: RawScript = { onConnect: (socket) => void socket.resetAndDestroy() }

/** Reads a whole request and resets without an answer. */
export const resetAfterRequest: RawScript = { onRequest: (exchange) => exchange.reset() }

/** Reads a whole request and closes in good order without an answer. */
export const closeAfterRequest: RawScript = { onRequest: (exchange) => exchange.end() }

/** Sends half a header and resets. */
export const resetMidHeader: RawScript = replyRawAndReset('HTTP/1.1 200 OK\r\nContent-Le')

/** Sends the head and half of the announced body, and resets. */
export const resetMidBody: RawScript = replyRawAndReset(
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nhello',
)

/** Sends the head and half of the announced body, and closes in good order. */
export const truncatedBody: RawScript = replyRawAndClose(
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nhello',
)

/** Sends one chunk and resets before the last chunk. */
export const resetMidChunks: RawScript = replyRawAndReset(
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
)

/** Accepts, reads, and never says a word. */
export const stall: RawScript = {}

/** Sends the head of an answer a byte at a time and never finishes it. */
export const slowLoris: RawScript = {
  async onRequest(exchange) {
    for (const byte of 'HTTP/1.1 200 OK\r\n') await exchange.write(byte)
    const timer = setInterval(() => exchange.socket.write('x'), 50)
    exchange.socket.on('close', () => clearInterval(timer))
  },
}

/** Sends the head and the first half of the body, and then nothing. */
export const stallMidBody: RawScript = replyRaw(
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nhello',
)

/** A chunk size that is not a number. */
export const badChunking: RawScript = replyRaw(
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n',
)

/** Two Content-Length lines that disagree. */
export const duplicateContentLength: RawScript = replyRaw(
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
)

/** A transfer coding that nobody knows. */
export const unknownTransferEncoding: RawScript = replyRawAndClose(
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nuryyb',
)

/** Content-Length and Transfer-Encoding together, which disagree about where the message ends. */
export const bothFramings: RawScript = replyRaw(
  'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
)

/** A chunked body with a trailer section. */
export const trailers: RawScript = replyRaw(
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-checksum\r\n\r\n' +
    '5\r\nhello\r\n0\r\nx-checksum: abc\r\n\r\n',
)

/** 103 Early Hints before the answer. */
export const earlyHints: RawScript = replyRaw(
  'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n' +
    'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello',
)

/** 100 Continue before the answer. */
export const continueFirst: RawScript = replyRaw(
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
)

/** A body where RFC 9110 §15.3.5 allows none. */
export const noContentWithBody: RawScript = replyRawAndClose(
  'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello',
)

/** Headers that the origin nominates as hop-by-hop in `Connection` (RFC 9110 §7.6.1). */
export const connectionNominated: RawScript = replyRaw(
  'HTTP/1.1 200 OK\r\nConnection: keep-alive, x-hop\r\nx-hop: secret\r\nKeep-Alive: timeout=5\r\n' +
    'x-end: kept\r\nContent-Length: 5\r\n\r\nhello',
)

/** Header values that are not UTF-8 (latin1 é), and a reason phrase of the origin's own. */
export const latin1Header: RawScript = replyRaw(
  'HTTP/1.1 200 Fine\r\nx-name: caf\u00e9\r\nContent-Length: 5\r\n\r\nhello',
)

/** Any status code, as written, with a body of five bytes. */
export function rawStatus(code: string): RawScript {
  return replyRaw(`HTTP/1.1 ${code} Odd\r\nContent-Length: 5\r\n\r\nhello`)
}

/** A switch to HTTP/2 in plain text that nobody asked for. */
export const bareSwitch: RawScript = replyRaw(
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n',
)

/** Two Content-Length lines that agree. */
export const repeatedContentLength: RawScript = replyRaw(
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello',
)
