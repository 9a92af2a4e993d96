import { pipeOn } from './by-hand.ts'
import { contentLengthOf } from './content-length.ts'
import type { Call } from './passage.ts'

/** The body of an answer of so many bytes is in the buffers between here and the client when its head is. */
const SMALL_BYTES = 65_536

/** What is to be told of the end of an answer. */
interface Ending {
  isOver: boolean
  readonly listeners: (() => void)[]
}

/** The request whose answer it is. */
type Asked = Pick<Call, 'request' | 'ctx'>

/** By the answer whose end is waited for: one that is asked for twice is wrapped once. */
const endings = new WeakMap<Response, Ending>()

/**
 * Calls `done` once, when an answer is over: at once where it has no body or a small one of known length, and
 * otherwise when the last byte has been handed on, the origin breaks it off, or the client goes away. What is
 * returned must be passed on in place of the answer, whose body must come as the origin encoded it.
 */
export function onEnd(response: Response, asked: Asked, done: () => void): Response {
  const known = endings.get(response)
  if (known) {
    listen(known, asked, done)
    return response
  }
  if (!isWorthWaiting(response)) {
    done()
    return response
  }
  const { answer, piped } = toPiped(response, asked)
  const tell = expectEnd(answer)
  void piped.catch(ignore).then(tell)
  return onEnd(answer, asked, done)
}

/** Notes that the end of an answer is told by whoever made it, to those who ask `onEnd` for it. */
export function expectEnd(response: Response): () => void {
  const ending: Ending = { isOver: false, listeners: [] }
  endings.set(response, ending)
  return () => end(ending)
}

/** Until the end is told the request must not be over, or else nobody would be left to hear of it. */
function listen(ending: Ending, { request, ctx }: Asked, done: () => void): void {
  if (ending.isOver) {
    done()
    return
  }
  const isFirst = ending.listeners.length === 0
  ending.listeners.push(done)
  if (!isFirst) return
  // Of a client that goes away nothing else tells (workerd 1.20261023.1).
  request.signal.addEventListener('abort', () => end(ending))
  ctx.waitUntil(new Promise<void>((resolve) => ending.listeners.push(resolve)))
}

function end(ending: Ending): void {
  if (ending.isOver) return
  ending.isOver = true
  for (const tell of ending.listeners) tell()
}

function isWorthWaiting({ status, headers, body }: Response): boolean {
  const isRebuildable = status >= 200 && status <= 599
  return isRebuildable && body !== null && (contentLengthOf(headers) ?? Infinity) > SMALL_BYTES
}

interface Piped {
  readonly answer: Response
  readonly piped: Promise<void>
}

/** The same answer with a body that goes through a pipe of the runtime, which says when it is through. */
function toPiped(response: Response, { request: { signal } }: Asked): Piped {
  const { status, statusText, headers } = response
  // The platform's types leave open what the pieces of a body are.
  const body: ReadableStream<Uint8Array> | null = response.body
  const { readable, writable } = toPipe(headers)
  // With the signal the origin's side ends with the client's, even while something of the request goes on.
  const piped = body === null ? Promise.resolve() : pipeOn(body, writable, signal)
  const init = { status, statusText, headers, encodeBody: 'manual' } as const
  return { answer: new Response(readable, init), piped }
}

/** The client sees for itself that a body is not whole. */
function ignore(): void {}

/** A pipe for a body: of known length it is sent with it, any other in chunks. */
export function toPipe(headers: Headers): TransformStream<Uint8Array, Uint8Array> {
  const length = contentLengthOf(headers)
  return length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length)
}
