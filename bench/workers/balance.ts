import type { BenchOrigin } from '../origins.ts'

/** The binding that every contestant in a Worker gets. */
export interface Env {
  readonly ORIGINS: readonly BenchOrigin[]
}

/** A weighted random choice, as every Worker that balances writes it. */
export function choose(origins: readonly BenchOrigin[]): BenchOrigin {
  let total = 0
  for (const { weight } of origins) total += weight
  let left = Math.random() * total
  for (const origin of origins) {
    left -= origin.weight
    if (left < 0) return origin
  }
  throw new Error('no origin has a weight')
}
