import type { TestProject } from 'vitest/node'
import { installDnsServers, type MissingParts } from '../../cli/dns-servers/install.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly missingDnsServers: MissingParts
  }
}

/** Installs the DNS servers that this machine lacks, where it allows that, and tells the tests what it lacks still. */
export async function setup(project: TestProject): Promise<void> {
  const missing = await installDnsServers((line) => process.stdout.write(`${line}\n`))
  for (const why of Object.values(missing)) process.stdout.write(`${why}: its tests are skipped\n`)
  project.provide('missingDnsServers', missing)
}
