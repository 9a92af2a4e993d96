import { type GivenHead, headOf, keepHead } from '../../cache/given-heads.ts'
import type { ResidentAnswer } from '../../cache/resident.ts'
import { ageSecondsOf } from '../../cache/policy/age.ts'
import { forwardStatus, hitStatus } from '../../cache/policy/cache-status.ts'
import { isNotModified, toNotModifiedFields } from '../../cache/policy/conditional.ts'
import { toContentRange } from '../../cache/policy/range.ts'
import { ttlSecondsOf } from '../../cache/policy/reuse.ts'
import { toShape } from '../../cache/policy/shape.ts'
import type { Stored } from '../../cache/policy/stored.ts'
import { sliceOf } from '../../cache/slice.ts'
import type { KeptBody } from '../../cache/tier.ts'
import { noteOutOfPipe } from '../by-hand.ts'
import { changeHeaders } from '../header-changes.ts'
import { tiersOf } from './beyond.ts'
import { letGo } from './body.ts'
import type { Fetched, Found, Giver, HitNote } from './giver.ts'
import type { Visit } from './visit.ts'

/** Gives answers to clients. */
export const toClient: Giver = {
  stored: giveStored,
  fetched: giveSelected,
  spent: giveSelected,
  passed: (visit, response) => {
    if (visit.arrived.method !== 'HEAD') return response
    letGo(response.body)
    return new Response(null, response)
  },
}

function giveStored(visit: Visit, found: Found, note: HitNote): Response | Promise<Response> {
  const { resident, head, body } = found
  const { cached, passage, counts } = visit
  counts.bytesServed += head.bodyBytes ?? 0
  const isPlain = resident !== undefined && note.stale === undefined && !note.forwarded
  const given = isPlain
    ? giveResident(visit, resident, found)
    : giveSelected(visit, {
        head,
        headers: toModel(visit, head, note).headers,
        body,
        from: found.from,
      })
  if (!cached.route.expose) return given
  return given instanceof Promise ? given.then(expose) : expose(given)

  function expose(response: Response): Response {
    response.headers.set('x-request-id', passage.identity.requestId)
    return response
  }
}

/** What is fresh in memory: the heads of the usual answers stand ready. */
function giveResident(
  visit: Visit,
  resident: ResidentAnswer,
  { from }: Found,
): Response | Promise<Response> {
  const { head, body } = resident
  const given = givenOf(visit, resident)
  const { model } = given
  if (isWholeWanted(visit)) return new Response(body, model)
  if (isNotModified(head, visit.arrived)) {
    given.notModified ??= new Response(null, { status: 304, headers: toNotModified(model.headers) })
    return new Response(null, given.notModified)
  }
  return giveSelected(visit, { head, headers: new Headers(model.headers), body, from })
}

/** The usual request: a GET without conditions. */
function isWholeWanted({ arrived, passage: { headers } }: Visit): boolean {
  return (
    arrived.method === 'GET' &&
    !headers.has('if-none-match') &&
    !headers.has('range') &&
    !headers.has('if-modified-since')
  )
}

/** The head of a fresh answer in memory, made once for each second of its age. */
function givenOf(visit: Visit, resident: ResidentAnswer): GivenHead {
  const { cached, passage, engine } = visit
  const { arrivedAtMs } = passage
  const ageSeconds = ageSecondsOf(resident.head, arrivedAtMs)
  const known = headOf(engine.given, resident.head, arrivedAtMs)
  if (known !== undefined && known.ageSeconds === ageSeconds && known.by === cached) return known
  const made = { ageSeconds, by: cached, model: toModel(visit, resident.head, {}) }
  keepHead(engine.given, resident.head, made)
  return made
}

/** An answer without its body: made from a `Response`, another one costs half of what it does from headers. */
function toModel({ cached, passage }: Visit, head: Stored, note: HitNote): Response {
  const nowMs = passage.arrivedAtMs
  const headers = new Headers()
  for (const [name, value] of head.fields) if (!UNTOLD.has(name)) headers.append(name, value)
  headers.set('age', String(ageSecondsOf(head, nowMs)))
  headers.append(
    'cache-status',
    note.forwarded
      ? forwardStatus(cached.name, note.forwarded)
      : hitStatus(cached.name, ttlSecondsOf(head, nowMs), note.stale),
  )
  const { responseHeaders } = cached.route
  if (responseHeaders) changeHeaders(headers, responseHeaders)
  return new Response(null, withEncoding(head.status, headers))
}

/** What is kept and not for clients: the length is told by the body, and the rest only caches read. */
const UNTOLD: ReadonlySet<string> = new Set(['content-length', 'portolan-cache-control'])

function withEncoding(status: number, headers: Headers): ResponseInit {
  return headers.has('content-encoding')
    ? { status, headers, encodeBody: 'manual' }
    : { status, headers }
}

/** What a client wants of an answer: that it has it already, a part, the head alone, or the whole. */
function giveSelected(
  visit: Visit,
  { head, headers, body, from }: Fetched,
): Response | Promise<Response> {
  const shape = toShape(head, visit.arrived)
  if (shape.type === 'whole') return giveWhole(visit, { head, headers, body })
  if (shape.type === 'not-modified') {
    letGo(body)
    return new Response(null, { status: 304, headers: toNotModified(headers) })
  }
  headers.set('content-range', toContentRange(shape))
  headers.delete('content-length')
  if (shape.type === 'unsatisfiable') {
    letGo(body)
    return new Response(null, { status: 416, headers })
  }
  const { start, end } = shape
  if (body instanceof ArrayBuffer) {
    return new Response(body.slice(start, end + 1), withEncoding(206, headers))
  }
  const colo = from === 'colo' ? tiersOf(visit).colo : undefined
  const part = sliceOf({ type: 'answer', head, body }, { start, end }, colo)
  return part.then((bytes) => new Response(noted(bytes), withEncoding(206, headers)))
}

function giveWhole({ arrived }: Visit, { head, headers, body }: Fetched): Response {
  const { status, bodyBytes } = head
  if (arrived.method !== 'HEAD') return new Response(noted(body), withEncoding(status, headers))
  letGo(body)
  if (bodyBytes !== undefined) headers.set('content-length', String(bodyBytes))
  return new Response(null, withEncoding(status, headers))
}

function toNotModified(headers: Headers): Headers {
  return new Headers(toNotModifiedFields([...headers]).map(([name, value]) => [name, value]))
}

/** What is given out of a stream has been through a pipe, for most of them. */
function noted(body: KeptBody): KeptBody {
  if (body instanceof ReadableStream) noteOutOfPipe(body)
  return body
}
