import { live } from './run.ts'

/** How many seeds are lived through, over all test files of the simulation. */
const SEEDS = Number(process.env['SEEDS'] ?? 10_000)

/** Test files among which the seeds are divided, so that every core has its part. */
const PARTS = 4

/**
 * Lives one part of the seeds, or the one that the environment names. Says which broke a law, each with its story
 * and how to live it again; nothing when none did.
 */
export function brokenIn(part: number): string {
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
  return broken.slice(0, 5).join('\n\n')
}

function partOf(part: number): readonly number[] {
  const all = Array.from({ length: Math.ceil(SEEDS / PARTS) }, (_, at) => at * PARTS + part)
  return all.filter((seed) => seed < SEEDS)
}
