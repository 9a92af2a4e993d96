import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../node_modules/.cache/portolan/', import.meta.url))

/** What was kept under a name. `undefined` for what is not there, or not whole: it was not kept. */
export function readKept(name: string): unknown {
  try {
    return JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * Keeps what took long to work out, among the installed packages: it goes when they do. It takes the place of what was
 * there at once, because others may read it. Where nothing may be written, nothing is kept.
 */
export function keep(name: string, value: unknown): void {
  const own = `${folder}${name}.${process.pid}`
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(own, JSON.stringify(value))
    renameSync(own, `${folder}${name}.json`)
  } catch {
    // It is worked out again the next time.
  }
}
