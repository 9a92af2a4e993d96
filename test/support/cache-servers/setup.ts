import type { TestProject } from 'vitest/node'
import { installCacheServers, type MissingCaches } from './install.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly missingCaches: MissingCaches
  }
}

/** Installs the caches that this machine lacks, where it allows that, and tells the tests what it lacks still. */
export async function setup(project: TestProject): Promise<void> {
  const missing = await installCacheServers((line) => process.stdout.write(`${line}\n`))
  for (const why of Object.values(missing)) process.stdout.write(`${why}: its tests are skipped\n`)
  project.provide('missingCaches', missing)
}
