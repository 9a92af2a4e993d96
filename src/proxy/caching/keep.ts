import { unmark } from '../../cache/hit-for-miss.ts'
import type { Stored } from '../../cache/policy/stored.ts'
import { pump, type PumpEnd } from '../../cache/pump.ts'
import { keepResident, type Place, placeFor } from '../../cache/residence.ts'
import type { KeptBody } from '../../cache/tier.ts'
import { lengthOf } from './body.ts'
import { landLed, type Lead } from './leading.ts'

/** What is to be kept: its head under the key of the request. */
export interface Keeping {
  readonly head: Stored
  readonly keepMs: number
}

/** What is given out of an answer that is kept: the body is the client's. */
export interface Kept {
  readonly head: Stored
  readonly body: KeptBody
}

/** Keeps an answer, in step with its being given out. The flight lands when others can have it. */
export function keep(led: Lead, { head, keepMs }: Keeping, body: KeptBody): Kept {
  const { engine, arrived, asked } = led.visit
  const place = placeFor(engine.memory, { key: asked.key, request: arrived, vary: head.vary })
  const kept: Keeping = { head: { ...head, key: place.key }, keepMs }
  if (!(body instanceof ReadableStream)) {
    keepWhole(led, place, { ...kept, body })
    return { head: kept.head, body }
  }
  return { head: kept.head, body: keepStream(led, place, { ...kept, body }) }
}

/** A small one, all of which is here. */
function keepWhole(led: Lead, place: Place, { head, body }: Keeping & Whole): void {
  const { visit } = led
  const { engine, cached, counts } = visit
  const whole = { ...head, bodyBytes: lengthOf(body) }
  unmark(engine.marks, place.key)
  const isResident =
    cached.settings.tiers.memory &&
    keepResident(engine.memory, place, { head: whole, body }) !== undefined
  counts.stored += 1
  counts.bytesStored += whole.bodyBytes ?? 0
  landLed(led, isResident ? 'kept' : 'unkept')
}

interface Whole {
  readonly body: ArrayBuffer | null
}

interface Streaming {
  readonly body: ReadableStream<Uint8Array>
}

function keepStream(led: Lead, place: Place, keeping: Keeping & Streaming): KeptBody {
  const { visit } = led
  const { cached, passage } = visit
  const { snapshot } = passage.standing
  const { client, end } = pump(keeping.body, {
    length: keeping.head.bodyBytes,
    maxBytes: cached.settings.maxObjectBytes,
    keepBytes: snapshot.settings.cache.memoryObjectBytes,
    signal: passage.request.signal,
  })
  led.isKeeping = true
  passage.ctx.waitUntil(keepAfter(led, place, { ...keeping, end }))
  return client
}

interface Ending {
  readonly end: Promise<PumpEnd>
}

/** Keeps what was handed on, if all of it came. */
async function keepAfter(led: Lead, place: Place, ending: Keeping & Ending): Promise<void> {
  const { isWhole, kept: body } = await ending.end
  if (isWhole && body) keepWhole(led, place, { ...ending, body })
  else landLed(led, 'unkept')
}
