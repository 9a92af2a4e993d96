import { nameOfKey } from '../../cache/policy/key.ts'
import { pump } from '../../cache/pump.ts'
import { keepResident, placeIn } from '../../cache/residence.ts'
import { tiersOf } from './beyond.ts'
import { offer, putInColo } from './fill.ts'
import type { Found } from './giver.ts'
import type { Visit } from './visit.ts'

/** What was found in a tier beyond the isolate, kept in those before it as well. Its body is to be read once. */
export function refill(visit: Visit, found: Found): Found {
  const { engine, cached, asked, arrived } = visit
  const { head, from, body } = found
  const place = placeIn(engine.memory, asked.key, arrived)
  if (body instanceof ReadableStream) return { ...found, body: refillLarge(visit, found, body) }
  const whole = { head, body }
  if (from === 'kv' && cached.settings.tiers.colo) {
    visit.passage.ctx.waitUntil(putInColo(visit, place, whole))
  }
  const resident = cached.settings.tiers.memory
    ? keepResident(engine.memory, place, whole)
    : undefined
  if (resident === undefined) offerFromColo(visit, found)
  return { ...found, body, resident }
}

/** Not for memory: what comes from far away goes to the data centre while the client reads it. */
function refillLarge(
  visit: Visit,
  found: Found,
  body: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  const { engine, asked, arrived, cached, passage } = visit
  if (found.from !== 'kv') {
    offerFromColo(visit, found)
    return body
  }
  if (!cached.settings.tiers.colo) return body
  const { head } = found
  const place = placeIn(engine.memory, asked.key, arrived)
  const { client, end } = pump(body, {
    length: head.bodyBytes,
    maxBytes: Infinity,
    keepBytes: 0,
    signal: passage.request.signal,
    store: async (large) => {
      const isPut = await putInColo(visit, place, { head, body: large })
      if (!isPut) throw new Error('it was not stored')
    },
  })
  passage.ctx.waitUntil(end)
  return client
}

/** What the data centre has, and memory has not, may be wanted elsewhere: KV counts its uses. */
function offerFromColo(visit: Visit, { head, from }: Found): void {
  if (from !== 'colo') return
  const { engine, asked, arrived } = visit
  const place = placeIn(engine.memory, asked.key, arrived)
  const load = () => tiersOf(visit).colo.get(nameOfKey(place.key))
  offer(visit, place, { head, hits: 1, load })
}
