import { describe, expect, it } from 'vitest'
import { compile } from '../../src/core/compile.ts'
import { compilePurges, OTHER_TAGS, type PurgeSubject, purgeOf } from '../../src/core/purge.ts'
import { PurgeRow } from '../../src/schema/cache-purge.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { documentOf, poolsOf } from '../support/builders.ts'

type Routes = NonNullable<AuthoredConfig['routes']>
type Target = (typeof PurgeRow)['_zod']['input']['target']

const steer = { policy: 'failover' as const, pools: ['us'] }

function indexOf(
  rows: readonly { serial?: number; target: Target; kind?: 'hard' | 'soft' }[],
  routes: Routes = { web: { steer, cache: {} } },
) {
  const purges = rows.map((row) => PurgeRow.parse({ serial: 10, kind: 'hard', ...row }))
  return compile({ ...documentOf({ pools: poolsOf({ us: ['us-1'] }), routes }), purges }).purges
}

function subjectOf(subject: Partial<PurgeSubject> & { readonly url?: string } = {}): PurgeSubject {
  const { url = 'https://www.example.com/', ...rest } = subject
  const [, host = '', path = '', query = ''] = /^https?:\/\/([^/]*)([^?]*)(.*)$/.exec(url) ?? []
  return { asOf: 0, route: 'web', host, path, query, tags: [], ...rest }
}

/** Whether a purge of the target meets the answer under this URL. */
function meets(target: Target, url: string, routes?: Routes): boolean {
  return purgeOf(indexOf([{ target }], routes), subjectOf({ url })) === 'hard'
}

function meetsBelow(prefix: string, path: string): boolean {
  return meets({ host: 'www.example.com', prefix }, `https://www.example.com${path}`)
}

type Query = 'none' | { include: string[] } | { exclude: string[] }

/** A route where these parameters count. */
function counting(query: Query): Routes {
  return { web: { steer, cache: { key: { query } } } }
}

describe('several purges of one target', () => {
  it('are as good as the newest of them, in whichever order they stand', () => {
    const target = { all: true } as const
    const index = indexOf([
      { serial: 20, target },
      { serial: 10, target },
    ])
    expect([index.newest, purgeOf(index, subjectOf({ asOf: 15 }))]).toEqual([20, 'hard'])
  })
})

describe('what a purge meets', () => {
  it('is by URL the one answer, whatever its scheme, port, case of host and way of encoding', () => {
    const url = 'https://www.example.com/caf%C3%A9/~a?x=1&y=a%20b'
    for (const typed of [
      url,
      'http://WWW.example.com:8080/café/%7Ea?x=1&y=a b',
      'https://www.example.com:443/x/../caf%c3%a9/~a?y=a+b&x=%31#top',
      'https://user@www.example.com./caf%C3%A9//%7ea?y=a%20b&&x=1',
    ]) {
      expect([typed, meets({ url: typed }, url)]).toEqual([typed, true])
    }
    for (const typed of [
      'https://example.com/caf%C3%A9/~a?x=1&y=a%20b',
      'https://www.example.com/caf%C3%A9/~a',
      'https://www.example.com/caf%C3%A9/~a?x=1',
      'https://www.example.com/caf%C3%A9/~a?x=1&y=a%20b&z=1',
      'https://www.example.com/caf%C3%A9/~a/?x=1&y=a%20b',
      'https://www.example.com/caf%C3%A9%2F~a?x=1&y=a%20b',
    ]) {
      expect([typed, meets({ url: typed }, url)]).toEqual([typed, false])
    }
  })

  it('is by URL also what is kept without the parameters that do not count', () => {
    const typed = { url: 'https://www.example.com/a?utm%5Fsource=mail&id=7&gclid=1' }
    const url = 'https://www.example.com/a?id=7'
    expect(meets(typed, url)).toBe(false)
    expect(meets(typed, url, counting({ exclude: ['utm_*', 'gclid'] }))).toBe(true)
    expect(meets(typed, url, counting({ exclude: ['utm_*'] }))).toBe(false)
    expect(meets(typed, url, counting({ include: ['id'] }))).toBe(true)
    expect(meets(typed, 'https://www.example.com/a', counting('none'))).toBe(true)
    expect(meets(typed, 'https://www.example.com/a', counting({ include: ['id'] }))).toBe(false)
  })

  it('is by prefix what lies at it or below, by whole segments', () => {
    for (const path of ['/a/b', '/a/b/', '/a/b/c/d', '//a/%62/c', '/a%2Fb/c', '/a/b;v=1/c']) {
      expect([path, meetsBelow('/a/b', path)]).toEqual([path, true])
      expect([path, meetsBelow('/a/b/', path)]).toEqual([path, true])
    }
    for (const path of ['/', '/a', '/a/bc', '/A/b', '/x/a/b']) {
      expect([path, meetsBelow('/a/b', path)]).toEqual([path, false])
    }
    expect(meetsBelow('/', '/anything')).toBe(true)
  })

  it('is by host, tag and route what bears it, and by all everything', () => {
    const subject = subjectOf({ tags: ['blue', 'red'] })
    for (const target of [
      { host: 'www.example.com' },
      { tag: 'RED' },
      { route: 'web' },
      { all: true as const },
    ]) {
      expect([target, purgeOf(indexOf([{ target }]), subject)]).toEqual([target, 'hard'])
    }
    for (const target of [{ host: 'example.com' }, { tag: 'green' }, { route: 'api' }]) {
      expect([target, purgeOf(indexOf([{ target }]), subject)]).toEqual([target, 'none'])
    }
  })

  it('is by any tag what bears more than it was stored with', () => {
    const subject = subjectOf({ tags: ['blue', OTHER_TAGS] })
    expect(purgeOf(indexOf([{ target: { tag: 'red' } }]), subject)).toBe('hard')
    expect(purgeOf(indexOf([{ target: { route: 'api' } }]), subject)).toBe('none')
  })

  it('is under any host of a route the copy that they share', () => {
    const match = { hosts: ['a.example.com', '*.b.example.com'], path: '/app/*' }
    const routes: Routes = {
      web: { match: [match], steer, cache: { key: { host: 'cdn.example.com' } } },
    }
    const copy = 'https://cdn.example.com/app/x'
    for (const host of ['a.example.com', 'z.y.b.example.com', 'cdn.example.com']) {
      expect([host, meets({ host }, copy, routes)]).toEqual([host, true])
      expect([host, meets({ url: `https://${host}/app/x` }, copy, routes)]).toEqual([host, true])
      expect([host, meets({ host, prefix: '/app' }, copy, routes)]).toEqual([host, true])
    }
    expect(meets({ host: 'b.example.com' }, copy, routes)).toBe(false)
    expect(meets({ url: 'https://a.example.com/app/y' }, copy, routes)).toBe(false)
  })

  it('is under any path of a route the copy that they share', () => {
    const routes: Routes = {
      web: { match: [{ path: '/app/*' }], steer, cache: { key: { path: '/app/index.html' } } },
    }
    const copy = 'https://www.example.com/app/index.html'
    expect(meets({ url: 'https://www.example.com/app/any/page' }, copy, routes)).toBe(true)
    expect(meets({ host: 'www.example.com', prefix: '/app/any' }, copy, routes)).toBe(true)
    expect(meets({ url: 'https://www.example.com/style.css' }, copy, routes)).toBe(false)
    expect(meets({ url: 'https://other.example.com/app/any' }, copy, routes)).toBe(false)
  })
})

describe('a purge', () => {
  it('is about what was asked for before it alone', () => {
    const index = indexOf([{ serial: 10, target: { all: true } }])
    expect(index.newest).toBe(10)
    expect(purgeOf(index, subjectOf({ asOf: 9 }))).toBe('hard')
    expect(purgeOf(index, subjectOf({ asOf: 10 }))).toBe('none')
  })

  it('that is soft takes nothing back from a hard one, in whichever order they came', () => {
    const target = { tag: 'a' }
    const later = indexOf([
      { serial: 10, target, kind: 'hard' },
      { serial: 20, target, kind: 'soft' },
    ])
    const earlier = indexOf([
      { serial: 10, target, kind: 'soft' },
      { serial: 20, target, kind: 'hard' },
    ])
    const judge = (index: typeof later) =>
      [5, 15, 25].map((asOf) => purgeOf(index, subjectOf({ asOf, tags: ['a'] })))
    expect(judge(later)).toEqual(['hard', 'soft', 'none'])
    expect(judge(earlier)).toEqual(['hard', 'hard', 'none'])
  })

  it('of a kind that only a later release knows is a hard one of everything', () => {
    const row = { serial: 10, target: { language: 'de' }, kind: 'mild' }
    const index = compilePurges([row as unknown as PurgeRow], [])
    expect(purgeOf(index, subjectOf())).toBe('hard')
  })

  it('counts at its hardest where several meet one answer', () => {
    const soft = { target: { url: 'https://www.example.com/' }, kind: 'soft' as const }
    for (const target of [{ all: true as const }, { host: 'www.example.com' }, { tag: 'a' }]) {
      expect(purgeOf(indexOf([{ target }, soft]), subjectOf({ tags: ['a'] }))).toBe('hard')
      expect(purgeOf(indexOf([soft, { target }]), subjectOf({ tags: ['a'] }))).toBe('hard')
    }
  })
})

describe('a snapshot', () => {
  const document = documentOf({ pools: poolsOf({ us: ['us-1'] }), routes: { web: { steer } } })
  const rows = [PurgeRow.parse({ serial: 7, kind: 'hard', target: { all: true } })]

  it('keeps what it knows of purges when a control object is older, or has lost them', () => {
    const first = compile({ ...document, purges: rows })
    const silent = compile({ ...document, generation: 2, form: 'other' }, first)
    expect(silent.purges.rows).toEqual(rows)
    const [before] = [PurgeRow.parse({ serial: 5, kind: 'soft', target: { tag: 'a' } })]
    const lost = compile({ ...document, generation: 3, purges: [before] }, silent)
    expect(lost.purges.rows).toEqual([before, ...rows])
    const later = [PurgeRow.parse({ serial: 9, kind: 'soft', target: { tag: 'a' } })]
    expect(compile({ ...document, generation: 4, purges: later }, lost).purges.rows).toEqual(later)
  })

  it('of an older release has no purges', () => {
    expect(compile(document).purges.newest).toBe(0)
  })

  it('takes the same purges over from the one before', () => {
    const first = compile({ ...document, purges: rows })
    const second = compile({ ...document, generation: 2, purges: structuredClone(rows) }, first)
    expect(second.purges).toBe(first.purges)
  })
})
