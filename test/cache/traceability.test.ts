import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EXPLAINED } from '../support/exchanges/explained.ts'

// docs/conformance-caching.md answers every requirement of the standards of caching. A table that nobody checks grows
// old: each row has an answer, and each test that it names exists.

const page = readFileSync(new URL('../../docs/conformance-caching.md', import.meta.url), 'utf8')

/** Sections with a requirement on a cache, each with at least one row. */
const SECTIONS = [
  ...['1.2.2', '3', '3.1', '3.2', '3.3', '3.4', '3.5'].map((section) => `RFC 9111 §${section}`),
  ...['4', '4.1', '4.2', '4.2.1', '4.2.2', '4.2.3', '4.2.4'].map((at) => `RFC 9111 §${at}`),
  ...['4.3.1', '4.3.2', '4.3.3', '4.3.4', '4.3.5', '4.4'].map((at) => `RFC 9111 §${at}`),
  ...['5.1', '5.2', '5.2.1', '5.2.2', '5.2.3', '5.3', '5.4'].map((at) => `RFC 9111 §${at}`),
  ...[1, 2, 3, 4, 5, 6, 7].map((at) => `RFC 9111 §5.2.1.${at}`),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((at) => `RFC 9111 §5.2.2.${at}`),
  'RFC 5861 §3',
  'RFC 5861 §4',
  'RFC 9213 §2.1',
  'RFC 9213 §2.2',
  'RFC 8246 §2',
  ...['2', '2.1', '2.2', '2.3', '2.4', '2.5', '2.6', '2.7', '2.8'].map((at) => `RFC 9211 §${at}`),
]

interface Row {
  readonly section: string
  readonly requirement: string
  readonly answer: string
  readonly tests: readonly NamedTest[]
}

interface NamedTest {
  readonly file: string
  readonly title: string
}

const rows = page.split('\n').flatMap(toRow)

test('every section has its rows', () => {
  const answered = new Set(rows.map(({ section }) => section))
  expect(SECTIONS.filter((section) => !answered.has(section))).toEqual([])
})

test('every requirement has an answer, and what is done has a test', () => {
  const wrong = rows.filter(({ answer, tests }) => {
    const isDone = /^((held|used)(: .+)?|departs: .+)$/.test(answer)
    const isExcused = /^(not used|does not apply): .+$/.test(answer)
    return isDone ? tests.length === 0 : !isExcused
  })
  expect(wrong.map(({ section, requirement }) => `${section}: ${requirement}`)).toEqual([])
})

test('every test that is named exists', () => {
  const named = rows.flatMap(({ tests }) => tests)
  expect(named.length).toBeGreaterThan(100)
  const missing = named.filter(({ file, title }) => !titlesOf(file).has(title))
  expect(missing.map(({ file, title }) => `${file}: ${title}`)).toEqual([])
})

test('the differences from other caches are those that the comparison knows', () => {
  const told = page.split('\n').filter((line) => / \| (ours|both) +\|$/.test(line))
  const known = Object.values(EXPLAINED)
    .flat()
    .map(({ caches, they, section, right }) =>
      [caches.map((cache) => NAMES[cache]).join(', '), they, section, right].join(' | '),
    )
  expect(told.map((line) => line.replaceAll(/ +/g, ' ')).toSorted()).toEqual(
    known.map((row) => `| ${row} |`).toSorted(),
  )
})

const NAMES = { nginx: 'NGINX', varnish: 'Varnish', trafficserver: 'Traffic Server' } as const

function toRow(line: string): readonly Row[] {
  const [, section = '', requirement = '', answer = '', tests = ''] = line
    .split(' | ')
    .join('|')
    .split('|')
    .map((cell) => cell.trim())
  if (!section.startsWith('RFC ')) return []
  const named = [...tests.matchAll(/`(?<file>[\w/.-]+)` (?<title>.*?)(?=$|<br>)/g)]
  return [{ section, requirement, answer, tests: named.map(({ groups }) => toNamed(groups)) }]
}

function toNamed(groups: Readonly<Record<string, string>> = {}): NamedTest {
  return { file: groups['file'] ?? '', title: groups['title'] ?? '' }
}

/** A string that a function follows. */
const TITLE = /(?<quote>['"`])(?<title>(?:(?!\k<quote>)[^\n])+)\k<quote>,\s*(?:async\s*)?\(/g

const titles = new Map<string, ReadonlySet<string>>()

/** The titles of the tests of a file, as they stand in it; what a table fills in is "…". */
function titlesOf(file: string): ReadonlySet<string> {
  const known = titles.get(file)
  if (known) return known
  const path = new URL(`../${file}.test.ts`, import.meta.url)
  const source = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const found = source.matchAll(TITLE)
  const read = new Set([...found].map(({ groups }) => toPlain(groups?.['title'] ?? '')))
  titles.set(file, read)
  return read
}

function toPlain(title: string): string {
  return title.replaceAll(/%\d*\$?[sijdo]|\$\w+(\.\w+)*|\$\{[^}]*\}/g, '…')
}
