import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = mkdtempSync(join(tmpdir(), 'portolan-bench-'))
process.once('exit', () => rmSync(root, { recursive: true, force: true }))

/** A new folder for configuration files and state, removed when the benchmark ends. */
export function makeFolder(name: string): string {
  mkdirSync(root, { recursive: true })
  return mkdtempSync(join(root, `${name}-`))
}
