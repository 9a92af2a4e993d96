import { expect, it } from 'vitest'
import { brokenIn } from './seeds.ts'

// The same in each of these files, by a quarter of the seeds: files are what runs side by side.
it('keeps every law whatever goes wrong', { timeout: 600_000 }, () => {
  expect(brokenIn(3)).toBe('')
})
