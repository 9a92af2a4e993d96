import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { run } from './process.ts'

// The pages that tell operators what to type, held to the commands that there are.

const docs = fileURLToPath(new URL('../../docs/', import.meta.url))
const page = readFileSync(`${docs}cli.md`, 'utf8')
const runbooks = readdirSync(`${docs}runbooks`)
const usage = run(process.execPath, ['cli/portolan.ts', '--help'])

/** "origins|pools|… [options]" and "state origin|pool ID …" of the usage: the words before the first operand. */
async function commands(): Promise<string[]> {
  await usage.ended
  return [...usage.output.matchAll(/^ {2}portolan ([a-z|]+)/gm)]
    .flatMap(([, names = '']) => names.split('|'))
    .toSorted()
}

describe('docs/cli.md', () => {
  it('has a row for every command, and for no other', async () => {
    const cells = [...page.matchAll(/^\| (`[^|]*(?:\\\|[^|]*)*) \|/gm)].map(([, cell = '']) => cell)
    const named = cells.flatMap((cell) =>
      [...cell.matchAll(/`([a-z]+)/g)].map(([, name = '']) => name),
    )
    expect(named.toSorted()).toEqual(await commands())
  })
})

describe.each(runbooks)('docs/runbooks/%s', (name) => {
  it('names commands that there are', async () => {
    const text = readFileSync(`${docs}runbooks/${name}`, 'utf8')
    const typed = [...text.matchAll(/portolan (?!--|is )([a-z]+)/g)].map(([, word]) => word)
    const known = await commands()
    expect(typed.filter((word) => word !== undefined && !known.includes(word))).toEqual([])
  })
})
