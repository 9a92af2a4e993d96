import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import type { Lives, Seeds } from './seed-worker.ts'

/** `SEED=123` lives one seed again; `SEEDS=100000` lives through more than usual. */
const { SEED: named, SEEDS: many = '10000' } = process.env

// In threads of plain Node: the code that vitest makes of a module to watch over it takes twice as long.
it('keeps every law whatever goes wrong', { timeout: 3_600_000 }, async () => {
  const lives = await Promise.all(partsOf().map(liveThrough))
  const broken = lives.flatMap((part) => part.broken)
  expect(broken.join('\n\n')).toBe('')
  const lived = lives.reduce((sum, part) => sum + part.lived, 0)
  expect(lived).toBe(named === undefined ? Number(many) : 1)
})

function partsOf(): Seeds[] {
  if (named !== undefined) return [{ first: Number(named), stride: 1, end: Number(named) + 1 }]
  // Each thread compiles all of it anew, which takes six seconds of CPU.
  const stride = Math.min(2, availableParallelism())
  return Array.from({ length: stride }, (_, first) => ({ first, stride, end: Number(many) }))
}

function liveThrough(seeds: Seeds): Promise<Lives> {
  const url = new URL('./seed-worker.ts', import.meta.url)
  return new Promise((resolve, reject) => {
    const worker = new Worker(url, { workerData: seeds })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
