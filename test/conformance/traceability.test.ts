import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

// docs/conformance.md says which test holds the router to which requirement. A table that nobody checks grows old: each
// requirement of this folder stands in it once, under its file, and nothing else does.

const folder = new URL('.', import.meta.url)
const page = readFileSync(new URL('../../docs/conformance.md', import.meta.url), 'utf8')

/** A requirement as the tests write it: the sentence, with "…" for what a table fills in, and its sections. */
interface Requirement {
  readonly file: string
  readonly sentence: string
  readonly sections: string
}

const DESCRIBE = String.raw`^describe\((?<group>['"\x60])(?<story>.*)\k<group>,`
const TITLE = String.raw`^(?<indent> *).*?(?<quote>['"\x60])(?<title>.*) \[(?<sections>(?:RFC|Trace|CWE)[^\]]*)\]\k<quote>`
const LINES = new RegExp(`${DESCRIBE}|${TITLE}`, 'gm')

test('every requirement stands in docs/conformance.md, and nothing that is not tested', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'))
  const tested = files.flatMap(requirementsOf)
  expect(tested.length).toBeGreaterThan(50)
  const told = page.split('\n').filter((line) => /\| `[a-z-]+` \|$/.test(line))
  expect(told.map(squeeze).toSorted()).toEqual(tested.map(toRow).toSorted())
})

function requirementsOf(name: string): readonly Requirement[] {
  const found: Requirement[] = []
  let story = ''
  for (const { groups = {} } of readFileSync(new URL(name, folder), 'utf8').matchAll(LINES)) {
    if (groups['story'] !== undefined) {
      story = groups['story']
      continue
    }
    const prefix = groups['indent'] === '' || story === '' ? '' : `${story}: `
    found.push({
      file: name.replace('.test.ts', ''),
      sentence: toPlain(`${prefix}${groups['title']}`),
      sections: toPlain(groups['sections'] ?? ''),
    })
  }
  return found
}

/** What a title takes from a table stands for any row of it. */
function toPlain(title: string): string {
  return title.replaceAll(/%\d*\$?[sij]|\$\w+/g, '…')
}

function toRow({ file, sentence, sections }: Requirement): string {
  return `| ${sentence} | ${sections} | \`${file}\` |`
}

/** The formatter pads the columns of a table. */
function squeeze(line: string): string {
  return line.replaceAll(/ +/g, ' ')
}
