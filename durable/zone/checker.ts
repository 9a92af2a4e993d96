import { checkRecord } from '../../dns/check.ts'
import type { ZoneEffect, ZoneEvent } from '../../src/state/dns/event.ts'
import type { DocumentSource } from './document.ts'

/** A check that is due, and what came of it. */
type Check = Extract<ZoneEffect, { type: 'check' }>
type Checked = Extract<ZoneEvent, { type: 'checked' }>

/** A check that had no turn for so long is left out: the machine asks for it again, or for a later one. */
const LONGEST_WAIT_MS = 30_000

/**
 * Makes the way to name servers and resolvers of one object, which takes one record after the other. Six connections
 * of an object may wait for an answer (Workers limits), and what is written must not queue behind what is only looked at.
 */
export function createChecker(
  source: Pick<DocumentSource, 'recent'>,
): (check: Check) => Promise<Checked | undefined> {
  let last: Promise<unknown> = Promise.resolve()
  return (check) => {
    const turn = last.then(() => {
      return Date.now() - check.atMs > LONGEST_WAIT_MS ? undefined : look(check, source)
    })
    last = turn.catch(() => {})
    return turn
  }
}

async function look(
  { zone, record, key, expected }: Check,
  source: Pick<DocumentSource, 'recent'>,
): Promise<Checked> {
  // Not when it was asked for: how long a change takes to be seen is counted from here on.
  const atMs = Date.now()
  const read = await source.recent()
  const dns = read.ok ? read.document.config.dns : undefined
  const settings = dns?.providers[zone.provider]
  const checked = { type: 'checked', record, expected, atMs } as const
  // Nobody can be asked: it says nothing of the record.
  if (dns === undefined || settings === undefined) return { ...checked, results: [] }
  const inquiry = { settings, check: dns.check, zone: zone.zone, key, expected }
  return { ...checked, results: await checkRecord(inquiry) }
}
