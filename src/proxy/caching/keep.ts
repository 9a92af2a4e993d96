import { mark, unmark } from '../../cache/hit-for-miss.ts'
import { nameOfKey } from '../../cache/policy/key.ts'
import type { Stored } from '../../cache/policy/stored.ts'
import { pump, type PumpEnd, type PumpPlan } from '../../cache/pump.ts'
import { keepResident, type Place, placeFor } from '../../cache/residence.ts'
import { split, SPLIT_BYTES } from '../../cache/split.ts'
import type { KeptBody } from '../../cache/tier.ts'
import { within } from '../within.ts'
import { lengthOf } from './body.ts'
import { tiersOf } from './beyond.ts'
import { fillBeyond, offer, putInColo, putInKv, type Whole } from './fill.ts'
import { landLed, type Lead, moveToPlace } from './leading.ts'
import type { Visit } from './visit.ts'

/** What is given out of an answer that is kept: the body is the client's. */
export interface Kept {
  readonly head: Stored
  readonly body: KeptBody
}

/** Keeps an answer, in step with its being given out; `judged` under the key of the request. The flight lands when others can have it. */
export function keep(led: Lead, judged: Stored, body: KeptBody): Kept {
  const { engine, arrived, asked } = led.visit
  const { vary } = judged
  const place = placeFor(engine.memory, { key: asked.key, request: arrived, vary })
  // What varies is not for all who have waited, and who comes while it is stored looks for it there.
  if (led.flight) moveToPlace(led.visit, led.flight)
  const head: Stored = { ...judged, key: place.key }
  if (!(body instanceof ReadableStream)) {
    keepWhole(led, place, { head, body })
    return { head, body }
  }
  return { head, body: keepStream(led, place, { head, body }) }
}

/** One that is all here. */
function keepWhole(led: Lead, place: Place, { head, body }: Whole): void {
  const whole = { head: { ...head, bodyBytes: lengthOf(body) }, body }
  const { engine, cached, passage } = led.visit
  const isResident = cached.settings.tiers.memory && keepResident(engine.memory, place, whole)
  noteKept(led, place, whole.head)
  const putting = fillBeyond(led.visit, place, whole)
  if (isResident || putting === undefined) {
    landLed(led, isResident ? 'kept' : 'unkept')
    return
  }
  // Those who wait find it in the data centre or nowhere.
  led.isKeeping = true
  passage.ctx.waitUntil(putting.then((isPut) => landLed(led, isPut ? 'kept' : 'unkept')))
}

function noteKept({ visit }: Lead, { key }: Place, { bodyBytes = 0 }: Stored): void {
  unmark(visit.engine.marks, key)
  visit.counts.stored += 1
  visit.counts.bytesStored += bodyBytes
}

interface Streaming {
  readonly head: Stored
  readonly body: ReadableStream<Uint8Array>
}

/** One that is still coming: a small one is held until it is all here, a larger one is stored as it comes. */
function keepStream(led: Lead, place: Place, { head, body }: Streaming): KeptBody {
  const { visit } = led
  const { cached, passage } = visit
  const { bodyBytes = Infinity } = head
  const { memoryObjectBytes } = passage.standing.snapshot.settings.cache
  const limit = toLimit(visit)
  if (bodyBytes <= Math.min(SPLIT_BYTES, memoryObjectBytes) && limit === undefined) {
    return keepSmall(led, place, { head, body })
  }
  const { client, end } = pump(body, {
    length: head.bodyBytes,
    maxBytes: cached.settings.maxObjectBytes,
    keepBytes: memoryObjectBytes,
    signal: passage.request.signal,
    ...(limit && { limit }),
    store: (large) => store(visit, place, { head, body: large }),
  })
  led.isKeeping = true
  passage.ctx.waitUntil(keepAfter(led, place, { head, end }))
  return client
}

/** The usual page: it comes with its head or soon after, and the runtime does the rest. */
function keepSmall(led: Lead, place: Place, { head, body }: Streaming): KeptBody {
  const { client, whole } = split(body, head.bodyBytes ?? 0)
  led.isKeeping = true
  const kept = whole.then((all) => {
    if (all) keepWhole(led, place, { head, body: all })
    else landLed(led, 'unkept')
    return all !== undefined
  })
  led.visit.passage.ctx.waitUntil(kept)
  return client
}

/** The origin is waited for as long as the route says, whether or not a client is still there. */
function toLimit({ passage, cached }: Visit): PumpPlan['limit'] {
  const { idle = Infinity, total = Infinity } = cached.route.timeouts
  if (idle === Infinity && total === Infinity) return undefined
  return (piece) => {
    const leftMs = Math.max(0, passage.arrivedAtMs + total - Date.now())
    return within(Math.min(idle, leftMs), piece)
  }
}

/** Where there is no data centre to share, as in the object of a shield, a large one goes to KV at once or nowhere. */
async function store(visit: Visit, place: Place, streaming: Streaming): Promise<void> {
  const put = visit.cached.settings.tiers.colo ? putInColo : putInKv
  if (!(await put(visit, place, streaming))) throw new Error('it was not stored')
}

interface Ending {
  readonly head: Stored
  readonly end: Promise<PumpEnd>
}

/** Sees to it that what was handed on is kept, if all of it came. */
async function keepAfter(led: Lead, place: Place, { head, end }: Ending): Promise<void> {
  const { isWhole, kept: body, isStored, bytes } = await end
  if (isWhole && body) {
    keepWhole(led, place, { head, body })
    return
  }
  const { visit } = led
  // It did not say how long it would be: the next ones need not wait to find out.
  if (isWhole && bytes > visit.cached.settings.maxObjectBytes) {
    mark(visit.engine.marks, place.key, { why: 'too-large', nowMs: Date.now() })
  }
  landLed(led, isStored ? 'kept' : 'unkept')
  if (!isStored) return
  const whole = { ...head, bodyBytes: bytes }
  noteKept(led, place, whole)
  const load = () => tiersOf(visit).colo.get(nameOfKey(place.key))
  offer(visit, place, { head: whole, hits: 0, load })
}
