import * as z from 'zod'
import type { DnsNews } from '../../schema/dns-news.ts'
import type { TrafficEffect } from '../traffic/event.ts'

/** The most zones whose news are remembered: twice what a configuration can have. */
const MOST_ZONES = 1000

/** How far the news of one zone were heard. */
const Heard = z.object({ upTo: z.int().min(0), atMs: z.number() })

/** What the control object knows of the objects of zones: by `toZoneId`. */
export const HeardZones = z.record(z.string(), Heard)
export type HeardZones = z.output<typeof HeardZones>

/** News of one zone, those that were told before possibly among them. */
export interface ZoneNews {
  readonly zone: string
  readonly items: readonly DnsNews[]
}

/** How far the news of a zone were heard; 0 before the first. */
export function heardOf(heard: HeardZones, zone: string): number {
  return Object.hasOwn(heard, zone) ? (heard[zone]?.upTo ?? 0) : 0
}

/**
 * Takes news in, each once however often it is told: what it leads to is stored together with the number up to which
 * it was heard.
 */
export function hearZone(
  heard: HeardZones,
  { zone, items }: ZoneNews,
  nowMs: number,
): readonly [HeardZones, readonly TrafficEffect[]] {
  const effects: TrafficEffect[] = []
  const before = heardOf(heard, zone)
  let upTo = before
  for (const item of items.toSorted((left, right) => left.sequence - right.sequence)) {
    if (item.sequence <= upTo) continue
    upTo = item.sequence
    const { deed, notice, atMs } = item
    if (deed !== undefined) effects.push({ type: 'audit', deed, atMs })
    if (notice !== undefined) effects.push({ type: 'notice', notice })
  }
  if (upTo === before) return [heard, effects]
  return [bounded({ ...heard, [zone]: { upTo, atMs: nowMs } }), effects]
}

/** Of too many, those that were silent longest are forgotten: no configuration has had them for long. */
function bounded(heard: HeardZones): HeardZones {
  const entries = Object.entries(heard)
  if (entries.length <= MOST_ZONES) return heard
  const newest = entries.toSorted(([, left], [, right]) => right.atMs - left.atMs)
  return Object.fromEntries(newest.slice(0, MOST_ZONES))
}
