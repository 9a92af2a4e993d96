import { readFileSync } from 'node:fs'
import { parse } from 'jsonc-parser'
import { describe, expect, it } from 'vitest'
import { compileMatches } from '../../../src/core/match/compile.ts'
import { normalisePath } from '../../../src/core/match/normal.ts'
import { CRITERIA } from '../../../src/core/match/precedence.ts'
import { parseConfig } from '../../../src/schema/parse-config.ts'
import { type AuthoredRoute, isMatched, routesOf, takerOf } from './routes.ts'

// The page on matching says nothing that is not so: its tables, its examples and its list are tried here.

const page = readFileSync(new URL('../../../docs/matching.md', import.meta.url), 'utf8')

/** The rows of the tables with this first column, each cell as the code it holds. */
function rowsOf(text: string, header: string): string[][][] {
  const rows: string[][][] = []
  let isInside = false
  for (const line of text.split('\n')) {
    if (line.replaceAll(/ +/g, ' ').startsWith(`| ${header} |`)) isInside = true
    else if (!line.startsWith('|')) isInside = false
    else if (isInside && !/^\|[ -]+\|/.test(line)) rows.push(cellsOf(line))
  }
  return rows
}

function cellsOf(line: string): string[][] {
  const cells = line.split('|').slice(1, -1)
  return cells.map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code))
}

const patterns = rowsOf(page, 'Pattern | Matches | Does not match')
const normals = rowsOf(page, 'Request | Compared as')
const examples = page
  .split('```jsonc\n')
  .slice(1)
  .map((part) => {
    const [code = '', after = ''] = part.split('```')
    return { config: parse(code), requests: rowsOf(after, 'Request | Route | Because') }
  })

it('has what is tried here', () => {
  expect([patterns.length, normals.length]).toEqual([10, 6])
  expect(examples.map(({ requests }) => requests.length)).toEqual([6])
})

it.each(patterns)('%s matches %j and not %j', ([path = ''], matching, others) => {
  expect(matching.filter((sent) => !isMatched({ path }, { path: sent }))).toEqual([])
  expect(others.filter((sent) => isMatched({ path }, { path: sent }))).toEqual([])
})

it.each(normals)('%s is compared as %s', ([path = ''], [normal]) => {
  expect(normalisePath(path)).toBe(normal)
})

describe.each(examples)('example $#', ({ config, requests }) => {
  it('is a configuration without problems', () => {
    expect(parseConfig(config)).toMatchObject({ ok: true, problems: [] })
  })

  it.each(requests)('%s goes to %s', ([request = ''], [route]) => {
    const [method = '', host = '', path = ''] = request.split(' ')
    const { routes } = config as { routes: Record<string, AuthoredRoute> }
    expect(takerOf(routes, { method, host, path })).toBe(route)
  })
})

const list = page.slice(page.indexOf('## Which route goes first'))
const pairs = [...list.matchAll(/`([^`]+)`\s+before\s+`([^`]+)`/g)].map(
  ([, first = '', second = '']) => [first, second] as const,
)

it('lists the rules of precedence in their order', () => {
  const items = [...list.matchAll(/^(\d+)\. \*\*(.+?)\*\*(?=[.,:])/gm)]
  expect(items.map(([, number, words]) => `${number} ${words}`)).toEqual(
    CRITERIA.map(({ words }, index) => `${index + 1} ${words}`),
  )
  expect(pairs.length).toBe(9)
})

it.each(pairs)('%s goes before %s', (first, second) => {
  const [z, a] = [first, second].map((text) =>
    text.startsWith('*') ? { hosts: [text] } : { path: text },
  )
  const routes = routesOf({ 'z-first': { match: z ?? {} }, 'a-second': { match: a ?? {} } })
  expect(compileMatches(routes).order).toEqual(['z-first', 'a-second'])
})

it('is told right what the platform does to a path before', () => {
  const sent = ['/a/../b', '/a/%2e%2E/b', '/a/./b', '/a\\b']
  const seen = sent.map((path) => new URL(path, 'https://www.example.com').pathname)
  expect(seen).toEqual(['/b', '/b', '/a/b', '/a/b'])
})
