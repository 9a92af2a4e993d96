import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalisePath } from '../../../src/core/match/normal.ts'
import { matchesParts, parsePath } from '../../../src/core/match/path.ts'
import { isMatched } from './routes.ts'

describe('a path pattern', () => {
  it.each([
    // Exact: a trailing slash and the case count.
    ['/a/b', ['/a/b'], ['/a/b/', '/a', '/a/b/c', '/A/b', '/a/bc']],
    ['/a/', ['/a/'], ['/a', '/a/b']],
    ['/', ['/'], ['/a']],
    // At or below.
    ['/a/*', ['/a', '/a/', '/a/b', '/a/b/c/'], ['/ab', '/', '/A', '/b/a']],
    ['/a/**', ['/a', '/a/', '/a/b', '/a/b/c/'], ['/ab', '/']],
    ['/*', ['/', '/a', '/a/b/c'], []],
    ['/**/*', ['/', '/a', '/a/b/c'], []],
    // One segment, never an empty one.
    ['/users/{id}', ['/users/1', '/users/a.b'], ['/users', '/users/', '/users/1/', '/users/1/x']],
    ['/users/*/posts', ['/users/1/posts'], ['/users/posts', '/users/1/2/posts', '/users/1/posts/']],
    ['/users/{id}/', ['/users/1/'], ['/users/1', '/users//']],
    ['/users/{id}/*', ['/users/1', '/users/1/', '/users/1/a/b'], ['/users', '/users/']],
    // Within a segment.
    ['/img/*.png', ['/img/a.png', '/img/.png'], ['/img/a.jpg', '/img/a/b.png', '/img/a.png/']],
    ['/a*', ['/a', '/abc'], ['/ba', '/a/b', '/a/']],
    ['/*a*b*', ['/ab', '/xaxbx', '/aab'], ['/ba', '/a', '/b']],
    ['/ab*ba', ['/abba', '/abxba'], ['/aba', '/ab']],
    ['/a*b*a', ['/aba', '/axbxa', '/abba'], ['/aa', '/ab', '/a']],
    // Any number of segments.
    ['/**/b', ['/b', '/a/b', '/a/a/b', '/b/b'], ['/', '/b/', '/ab', '/b/a']],
    ['/a/**/b', ['/a/b', '/a/x/b', '/a/b/x/b'], ['/a', '/b', '/a/b/', '/ab']],
    ['/a/**/', ['/a/', '/a/b/'], ['/a', '/a/b']],
    ['/**/.git/*', ['/.git', '/.git/config', '/a/b/.git/x/y'], ['/git', '/a.git', '/a/.gitx']],
    ['/**/a/{x}/b', ['/a/1/b', '/a/a/a/b', '/x/a/2/b'], ['/a/b', '/a/1/2/b']],
    // Escapes: what is encoded is never a wildcard, and a slash that is encoded is no slash.
    ['/a%2Ab', ['/a*b', '/a%2ab'], ['/axb']],
    ['/a/b', ['/%61/%62', '/a%2Fb'], ['/%2561/b']],
    ['/a%2fb', ['/a%2Fb', '/a%2fb'], ['/a/b']],
    ['/things:export', ['/things%3aexport', '/things%3Aexport'], []],
    ['/caf%c3%a9', ['/caf%C3%A9', '/caf%c3%A9'], ['/cafe']],
    ['/100%', ['/100%'], ['/100%25']],
    // Runs of slashes are one slash, here and there.
    ['/admin/*', ['//admin', '/admin//x', '///admin///'], ['/x//admin']],
    ['/a//b', ['/a/b', '//a//b'], ['/a/b/']],
    ['/{x}/b', ['//a//b'], ['//b', '/b']],
  ])('%s matches %j and not %j', (pattern, matching, others) => {
    const matches = (path: string) => isMatched({ path: pattern }, { path })
    expect(matching.filter((path) => !matches(path))).toEqual([])
    expect(others.filter(matches)).toEqual([])
  })
})

describe('the normal form of a path', () => {
  it.each([
    ['/plain/path', '/plain/path'],
    ['/%61%41%30%2d%2E%5f%7E', '/aA0-._~'],
    ['/%21%40%3a%3B%7b%7D%5C', '/!@:;{}\\'],
    ['/%2f%2F%25%20%00%7f%c3%a9', '/%2F%2F%25%20%00%7F%C3%A9'],
    ['/%2561', '/%2561'],
    ['/%', '/%'],
    ['/%6', '/%6'],
    ['/%zz%61', '/%zza'],
    ['//a///b//', '/a/b/'],
  ])('of %s is %s', (path, normal) => {
    expect(normalisePath(path)).toBe(normal)
  })

  it('is one and the same for every way to write a character', () => {
    const writings = fc.constantFrom('a', 'Z', '7', '-', '.', '_', '~', '!', '@', ':', ';', '+')
    const character = fc.tuple(writings, fc.constantFrom('plain', 'lower', 'upper'))
    fc.assert(
      fc.property(fc.array(character), (characters) => {
        const plain = characters.map(([text]) => text).join('')
        const written = characters.map(([text, how]) => {
          const escape = `%${(text.codePointAt(0) ?? 0).toString(16)}`
          return how === 'plain' ? text : how === 'lower' ? escape : escape.toUpperCase()
        })
        expect(normalisePath(`/${written.join('')}`)).toBe(`/${plain}`)
      }),
    )
  })

  it('is decoded once: what was encoded twice stays encoded once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0x21, max: 0x7e }), (code) => {
        const hex = code.toString(16).toUpperCase()
        expect(normalisePath(`/%25${hex}`)).toBe(`/%25${hex}`)
      }),
    )
  })
})

describe('the cost of a pattern', () => {
  it.each([
    ['/**/a/a/a/a/b', '/a'.repeat(5000)],
    ['/**/a/{x}/a*/b/*', '/a'.repeat(5000)],
    ['/*a*a*a*a*a*a*a*b', `/${'a'.repeat(16_000)}`],
    ['/{a}/{b}/{c}/**/{d}/{e}/z', `${'/x'.repeat(5000)}/y`],
  ])('of %s is at most one look per part at each segment', (source, path) => {
    const { parts } = parsePath(source)
    const segments = path.split('/').slice(1)
    let looks = 0
    const counted = new Proxy(segments, {
      get(target, property, receiver): unknown {
        if (property !== 'length') looks += 1
        return Reflect.get(target, property, receiver)
      },
    })
    expect(matchesParts(parts, counted, 0)).toBe(false)
    expect(looks).toBeLessThanOrEqual(segments.length * parts.length)
  })
})
