import * as z from 'zod'
import { type Traffic, TRAFFIC, type TrafficPart } from './traffic.ts'

/** Who goes by the counts asks again within this time. */
const INTEREST_MS = 900_000
/** How often it is written down that somebody asked. */
const NOTED_EVERY_MS = 60_000

/** While a ramp goes by the counts they are stored: when it last asked, and from when on they are complete. */
export const Measuring = z.object({ askedAtMs: z.number(), sinceMs: z.number() }).nullable()
export type Measuring = z.output<typeof Measuring>

/** Counts that are stored, by their second. */
export type StoredParts = Readonly<Record<string, TrafficPart>>

/** Takes note that somebody asked; the same value when that is known. */
export function noteInterest(measuring: Measuring, traffic: Traffic, nowMs: number): Measuring {
  if (measuring === null || !isWanted(measuring, nowMs)) {
    return { askedAtMs: nowMs, sinceMs: traffic.sinceMs }
  }
  return nowMs - measuring.askedAtMs < NOTED_EVERY_MS
    ? measuring
    : { ...measuring, askedAtMs: nowMs }
}

/**
 * What to store of the counts, whenever a new second has begun: an object that ends forgets at most what was
 * added to its last second. Nothing while nobody asks.
 */
export function partsToStore(
  stored: StoredParts,
  traffic: Traffic,
  { measuring, nowMs }: { readonly measuring: Measuring; readonly nowMs: number },
): StoredParts {
  if (!isWanted(measuring, nowMs)) return Object.keys(stored).length === 0 ? stored : {}
  const last = traffic.parts.at(-1)
  if (last === undefined || Object.hasOwn(stored, last.atMs)) return stored
  return Object.fromEntries(traffic.parts.map((part) => [String(part.atMs), part]))
}

/** What an object that begins knows of traffic: what was stored, or nothing before now. */
export function restoreTraffic(stored: StoredParts, measuring: Measuring, nowMs: number): Traffic {
  if (measuring === null || !isWanted(measuring, nowMs)) return { sinceMs: nowMs, parts: [] }
  const parts = Object.values(stored)
    .filter(({ atMs }) => atMs <= nowMs && atMs > nowMs - TRAFFIC.keptMs)
    .toSorted((left, right) => left.atMs - right.atMs)
  return { sinceMs: Math.min(measuring.sinceMs, nowMs), parts }
}

/** A time that lies ahead is one that the clock has jumped back from. */
function isWanted(measuring: Measuring, nowMs: number): boolean {
  if (measuring === null) return false
  const ageMs = nowMs - measuring.askedAtMs
  return ageMs >= 0 && ageMs <= INTEREST_MS
}
