import { expect } from 'vitest'
import { live } from './run.ts'

/** How many seeds are lived through, over all test files of the simulation. */
const SEEDS = Number(process.env['SEEDS'] ?? 10_000)

/** Test files among which the seeds are divided, so that every core has its part. */
const PARTS = 4

/**
 * Lives one part of the seeds, or the one that the environment names, and shows what broke a law: each line begins
 * with the seed, by which it is lived again.
 */
export function liveThrough(part: number): void {
  const named = process.env['SEED']
  const seeds =
    named === undefined ? partOf(part) : [Number(named)].filter((seed) => seed % PARTS === part)
  const broken = seeds.flatMap((seed) => {
    try {
      live(seed)
      return []
    } catch (error) {
      return [`${String(error)}\n  again: SEED=${seed} npx vitest run --project pure test/sim`]
    }
  })
  expect(broken.slice(0, 5).join('\n\n')).toBe('')
}

function partOf(part: number): readonly number[] {
  const all = Array.from({ length: Math.ceil(SEEDS / PARTS) }, (_, at) => at * PARTS + part)
  return all.filter((seed) => seed < SEEDS)
}
