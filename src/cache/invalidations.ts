import type { Stored } from './policy/stored.ts'

/** How many places are remembered, beyond which the oldest are let go of, and up to which length. */
const MOST = { places: 1000, length: 2048 } as const

/**
 * Places that an unsafe method has changed, and when, as far as this isolate saw it (RFC 9111 §4.4). What was asked for
 * before that is asked about again, in whichever tier it stands.
 */
export type Invalidations = Map<string, number>

/** Nothing changed yet. */
export function createInvalidations(): Invalidations {
  return new Map()
}

/** Remembers that what stands at a place has changed. */
export function invalidate(invalidations: Invalidations, place: Place, nowMs: number): void {
  const name = nameOf(place)
  if (name.length > MOST.length) return
  invalidations.delete(name)
  invalidations.set(name, nowMs)
  for (const oldest of invalidations.keys()) {
    if (invalidations.size <= MOST.places) return
    invalidations.delete(oldest)
  }
}

/** When what stands at a place has changed last, if this isolate saw it. */
export function changeOf(invalidations: Invalidations, place: Place): number | undefined {
  return invalidations.size === 0 ? undefined : invalidations.get(nameOf(place))
}

/** Whether an answer was asked for before what stands at its place changed. */
export function isInvalidated(invalidations: Invalidations, head: Stored): boolean {
  const changedAtMs = changeOf(invalidations, head)
  return changedAtMs !== undefined && head.requestedAtMs <= changedAtMs
}

/** A target URI without its scheme. */
type Place = Pick<Stored, 'host' | 'path' | 'query'>

function nameOf({ host, path, query }: Place): string {
  return `${host}${path}${query}`
}
