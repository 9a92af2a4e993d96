import type {
  ChangeResult,
  DnsChange,
  DnsFailure,
  RecordKey,
} from '../../src/schema/dns-record-set.ts'
import { WRITING_MS } from '../../src/state/dns/terms.ts'
import { applyInOrder } from '../apply-in-order.ts'
import { type Readiness, readyToWrite, tell } from '../precondition.ts'
import type { Asked, DnsZone } from '../provider.ts'
import type { Reply, Session } from './session.ts'
import { type Standing, readStanding } from './standing.ts'
import { toMarkValue, toUpdate } from './update.ts'
import { isUnmet, toUpdateFailure } from './words.ts'

/**
 * A zone that is read by queries and changed by UPDATE (RFC 2136). What a change replaces, its mark included, is the
 * prerequisite of the UPDATE that replaces it: of two writers the second one is declined by the server itself.
 * `open` gives a session for one `read` or `apply`, or why there is none.
 */
export function createUpdatedZone(zone: string, open: () => Promise<Asked<Session>>): DnsZone {
  async function within<Value>(use: (session: Session) => Promise<Asked<Value>>) {
    const opened = await open()
    if (!opened.ok) return opened
    try {
      return await use(opened.value)
    } finally {
      await opened.value.close()
    }
  }
  return {
    async read(keys) {
      const asked = await within((session) => readStanding(session, zone, keys))
      if (!asked.ok) return asked
      return { ok: true, value: asked.value.flatMap(({ set }) => (set ? [set] : [])) }
    },
    async apply(changes) {
      const asked = await within(async (session) => ({
        ok: true,
        value: await applyAll({ session, zone }, changes),
      }))
      if (asked.ok) return asked.value
      return changes.map(() => ({ outcome: 'failed', failure: asked.failure }))
    },
  }
}

/** What is written to: a zone, in a conversation with its server. */
interface Place {
  readonly session: Session
  readonly zone: string
}

/** Reads all of it first: with a wrong key, clock or server nothing is sent that could change anything. */
async function applyAll(
  { session, zone }: Place,
  changes: readonly DnsChange[],
): Promise<readonly ChangeResult[]> {
  const endsAtMs = Date.now() + WRITING_MS
  const keys = changes.map((change) => keyOf(change, zone))
  const asked = await readStanding(session, zone, keys)
  if (!asked.ok) return changes.map(() => ({ outcome: 'failed', failure: asked.failure }))
  return applyInOrder(changes, endsAtMs, (change, at) =>
    applyOne({ session, zone }, change, asked.value[at] ?? {}),
  )
}

async function applyOne(
  { session, zone }: Place,
  change: DnsChange,
  { set, companion, obstacle }: Standing,
): Promise<ChangeResult> {
  if (!change.before && !change.after) return { outcome: 'done' }
  const ready = readyToWrite(change, set)
  if (ready.outcome !== 'write') return ready
  if (obstacle !== undefined) {
    return { outcome: 'failed', failure: { kind: 'refused', detail: obstacle } }
  }
  const mark = change.after?.mark
  const promised = mark && companion === toMarkValue(mark) ? mark : undefined
  const conversed = await session.ask([toUpdate(zone, change, promised)])
  if (!conversed.ok) {
    return { outcome: conversed.sent ? 'unknown' : 'failed', failure: conversed.failure }
  }
  const [reply] = conversed.replies
  const { name } = keyOf(change, zone)
  if (!reply?.ok) return unbelieved({ session, zone }, change, reply)
  const { rcode } = reply.message
  if (rcode === 'NOERROR') return { outcome: 'done' }
  if (isUnmet(rcode)) return lookAgain({ session, zone }, change, rcode)
  const failure = toUpdateFailure(rcode, { name, zone })
  // Whoever passes updates on to the primary says so, too, when he has lost the answer of that one.
  return { outcome: rcode === 'SERVFAIL' ? 'unknown' : 'failed', failure }
}

/** Somebody was faster, or something stands there that no question was for. */
async function lookAgain(
  { session, zone }: Place,
  change: DnsChange,
  rcode: string,
): Promise<ChangeResult> {
  const key = keyOf(change, zone)
  const ready = await readAgain({ session, zone }, change)
  if (ready && ready.outcome !== 'write') return ready
  const detail = change.before
    ? `${tell(change.before)} no longer stood there when it was to be replaced (${rcode})`
    : `${key.name} ${key.type} cannot be made (${rcode}): beside it stands a CNAME, or something beside which no CNAME ` +
      'may stand, or a TXT where its mark would be'
  return { outcome: 'conflict', detail: detail.slice(0, 1024) }
}

/**
 * A server that declines may say so without a signature (Knot does, where the key is right and the right is missing),
 * and so may anybody. So the zone is asked, whose answers are signed: where all stands as before, it was declined.
 */
async function unbelieved(
  { session, zone }: Place,
  change: DnsChange,
  reply: Extract<Reply, { ok: false }> | undefined,
): Promise<ChangeResult> {
  const { unsigned = '', failure } = reply ?? { failure: NO_ANSWER }
  if (!['REFUSED', 'BADKEY', 'NOTAUTH'].includes(unsigned)) return { outcome: 'unknown', failure }
  const { name } = keyOf(change, zone)
  const declined = toUpdateFailure(unsigned, { name, zone })
  const ready = await readAgain({ session, zone }, change)
  if (ready?.outcome === 'done') return ready
  return { outcome: ready?.outcome === 'write' ? 'failed' : 'unknown', failure: declined }
}

const NO_ANSWER: DnsFailure = { kind: 'garbled', detail: 'no answer came to an update' }

/** What is to be said of a change by what stands now; undefined when that cannot be read. */
async function readAgain(
  { session, zone }: Place,
  change: DnsChange,
): Promise<Readiness | undefined> {
  const asked = await readStanding(session, zone, [keyOf(change, zone)])
  return asked.ok ? readyToWrite(change, asked.value[0]?.set) : undefined
}

/** Of a change that changes nothing: anything that can be asked for. */
function keyOf({ before, after }: DnsChange, zone: string): RecordKey {
  const { name, type } = after ?? before ?? { name: zone, type: 'TXT' }
  return { name, type }
}
