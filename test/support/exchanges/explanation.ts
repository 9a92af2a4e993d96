import type { CacheServerId } from '../cache-servers/install.ts'
import type { Difference } from './difference.ts'
import { type Traits, traitsOf } from './traits.ts'

/** A class of differences, and who is right. docs/conformance-caching.md shows them all. */
export interface Explanation {
  readonly caches: readonly CacheServerId[]
  readonly section: string
  readonly right: 'ours' | 'both'
  /** What they do. */
  readonly they: string
  readonly fits: (traits: Traits, difference: Difference) => boolean
}

/** The first explanation of a difference. */
export function explain(
  difference: Difference,
  explanations: Readonly<Record<Difference['respect'], readonly Explanation[]>>,
): Explanation | undefined {
  const traits = traitsOf(difference)
  return explanations[difference.respect].find(
    ({ caches, fits }) => caches.includes(difference.cache) && fits(traits, difference),
  )
}
