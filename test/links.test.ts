import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'

// A page that names another one, or a place in it, is right until somebody renames that. Addresses of the web are not
// asked: the tests need no network.

const root = new URL('..', import.meta.url).pathname
const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: root })

it('every link of a page leads to a file that is there, and to a heading in it', () => {
  const links = pages.flatMap(linksOf)
  expect(links.length).toBeGreaterThan(300)
  expect(links.filter((link) => !isFound(link)).map(({ page, to }) => `${page}: ${to}`)).toEqual([])
})

interface Link {
  readonly page: string
  readonly to: string
}

/** Links of one page to the project itself. What stands in code is an example, and no link. */
function linksOf(page: string): readonly Link[] {
  const targets = [...proseOf(page).matchAll(/\]\((?<to>[^)\s]+)\)/g)]
  return targets
    .map(({ groups }) => ({ page, to: groups?.['to'] ?? '' }))
    .filter(({ to }) => !/^[a-z]+:/.test(to))
}

function isFound({ page, to }: Link): boolean {
  const [file = '', anchor] = to.split('#')
  const path = file === '' ? page : join(dirname(page), file)
  if (!existsSync(join(root, path))) return false
  return anchor === undefined || anchorsOf(path).includes(anchor)
}

/** The anchors of headings as GitHub makes them: no marks but "-" and "_", and a number where one comes again. */
function anchorsOf(path: string): readonly string[] {
  const seen = new Map<string, number>()
  return [...proseOf(path).matchAll(/^#+ +(?<title>.+)$/gm)].map(({ groups }) => {
    const text = (groups?.['title'] ?? '').toLowerCase().replace(/\]\([^)]*\)/g, '')
    const anchor = text.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')
    const before = seen.get(anchor) ?? 0
    seen.set(anchor, before + 1)
    return before === 0 ? anchor : `${anchor}-${before}`
  })
}

function proseOf(path: string): string {
  const text = readFileSync(join(root, path), 'utf8')
  return text.replace(/^( *)(```+)[^]*?^\1\2$/gm, '')
}
