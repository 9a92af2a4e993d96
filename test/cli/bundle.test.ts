import { rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundleWorker } from '../../cli/bundle.ts'
import { temporaryFolder, write } from './process.ts'

const folder = temporaryFolder()

/** A source that was written a while ago: what is written while it is bundled is not kept. */
function source(name: string, text: string): string {
  const path = write(folder, name, text)
  const before = new Date(Date.now() - 5000)
  utimesSync(path, before, before)
  return path
}

test('a bundle is kept, and made again when any of its sources is another', async () => {
  source('part.ts', "export const part = 'one'\n")
  const entry = source('kept-for-a-test.ts', "import { part } from './part.ts'\nexport { part }\n")
  const first = await bundleWorker(entry)
  expect(first).toContain('"one"')
  expect(await bundleWorker(entry)).toBe(first)
  source('part.ts', "export const part = 'two'\n")
  expect(await bundleWorker(entry)).toContain('"two"')
  rmSync(join(folder, 'part.ts'))
  await expect(bundleWorker(entry)).rejects.toThrow('part.ts')
})
