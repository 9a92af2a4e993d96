import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'

// What the linter cannot see: rules about the tree as a whole. Each test lists the offenders, so that a failure names
// the file and the line to change.

const root = new URL('..', import.meta.url).pathname
const shipped = listFiles(['src', 'durable', 'dns', 'cli'])
const code = [...shipped, ...listFiles(['test', 'bench']), 'vitest.config.ts'].filter((path) =>
  /\.(ts|mjs)$/.test(path),
)
const prose = [...listFiles(['docs', 'examples']), ...listTop(/\.(md|toml)$/)]

describe('files', () => {
  it('have at most 200 lines where they are shipped', () => {
    const tooLong = shipped
      .filter((path) => /\.(ts|mjs)$/.test(path))
      .map((path) => `${path}: ${read(path).trimEnd().split('\n').length} lines`)
      .filter((line) => Number(/(\d+) lines$/.exec(line)?.[1]) > 200)
    expect(tooLong).toEqual([])
  })

  it('have names in kebab-case', () => {
    const named = code
      .map((path) => basename(path))
      .filter((name) => !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(name))
    expect(named).toEqual([])
  })

  it('are named after what they hold, not after being useful', () => {
    const vague = /(^|[-/])(utils?|helpers?|common|misc|shared|index)([-./]|$)/
    expect(code.filter((path) => vague.test(path))).toEqual([])
  })
})

describe('text', () => {
  it('leaves nothing for later', () => {
    const words = ['todo', 'fixme', 'xxx'].map((word) => word.toUpperCase())
    const later = new RegExp(String.raw`\b(${words.join('|')})\b`)
    expect([...code, ...prose].flatMap((path) => linesWith(path, later))).toEqual([])
  })

  it('says why wherever it silences the linter or the compiler', () => {
    const silenced = /(ox|es)lint-disable(?!.* -- \S)|@ts-(ignore|nocheck)|@ts-expect-error\s*$/
    const elsewhere = code.filter((path) => path !== 'test/style.test.ts')
    expect(elsewhere.flatMap((path) => linesWith(path, silenced))).toEqual([])
  })
})

describe('imports', () => {
  it('take zod whole, because its named export brings every locale', () => {
    const other = /^(import|export) (?!\* as z from|type ).* from 'zod'/
    expect(code.flatMap((path) => linesWith(path, other))).toEqual([])
  })

  it('never run both ways between two folders', () => {
    const edges = new Set(
      shipped.flatMap((path) => importedFolders(path).map((to) => `${folderOf(path)} -> ${to}`)),
    )
    const mutual = [...edges].filter((edge) =>
      edges.has(edge.split(' -> ').toReversed().join(' -> ')),
    )
    expect(mutual).toEqual([])
  })
})

describe('the pure layers', () => {
  it('take time and chance as facts', () => {
    const source =
      /\b(Date\.now|new Date|Date\(|Math\.random|performance\.now|randomUUID|getRandomValues)\b/
    const pure = shipped.filter((path) => /^src\/(schema|core|state|cache\/policy)\//.test(path))
    expect(
      pure.flatMap((path) => linesWith(path, source)).filter((line) => !isComment(line)),
    ).toEqual([])
  })
})

describe('the dependencies', () => {
  const { dependencies, devDependencies } = readManifest('package.json')
  const locked = readManifest('package-lock.json').packages ?? {}

  it('are pinned exactly', () => {
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    )
    expect(loose).toEqual([])
  })

  it('install one workerd, so that tests and development run the same runtime', () => {
    expect(Object.keys(locked).filter((path) => path.endsWith('node_modules/workerd'))).toEqual([
      'node_modules/workerd',
    ])
  })

  it('run with the compatibility date of that workerd', () => {
    const [, year, month, day] =
      /^1\.(\d{4})(\d\d)(\d\d)\./.exec(devDependencies?.['workerd'] ?? '') ?? []
    expect(read('wrangler.toml')).toContain(`compatibility_date = "${year}-${month}-${day}"`)
  })
})

type Manifest = {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly packages?: Readonly<Record<string, unknown>>
}

function readManifest(path: string): Manifest {
  return JSON.parse(read(path))
}

function listFiles(folders: readonly string[]): readonly string[] {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/'))
}

function listTop(pattern: RegExp): readonly string[] {
  return readdirSync(root).filter((name) => pattern.test(name))
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

function linesWith(path: string, pattern: RegExp): readonly string[] {
  const lines = read(path).split('\n')
  return lines.flatMap((line, index) =>
    pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [],
  )
}

function isComment(located: string): boolean {
  return /^\S+:\d+: (\*|\/\/|\/\*)/.test(located)
}

function folderOf(path: string): string {
  return dirname(path)
    .split('/')
    .slice(0, path.startsWith('src/') ? 2 : 1)
    .join('/')
}

function importedFolders(path: string): readonly string[] {
  const targets = [...read(path).matchAll(/ from '(\.[^']+)'/g)].map((match) => match[1] ?? '')
  const folders = targets.map((target) =>
    folderOf(posix.normalize(posix.join(dirname(path), target))),
  )
  return folders.filter((folder) => folder !== folderOf(path) && folder !== 'src')
}
