import * as fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { matchesGlob, parseGlob } from '../../../src/core/match/glob.ts'

const pattern = fc.array(fc.constantFrom('a', 'b', 'ab', '*'), { minLength: 1, maxLength: 8 })
const segment = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 })

/** The meaning of a pattern, with no thought of what it costs. */
function means(source: string, text: string): boolean {
  if (source === '') return text === ''
  if (source.startsWith('*')) {
    return means(source.slice(1), text) || (text !== '' && means(source, text.slice(1)))
  }
  return text !== '' && source[0] === text[0] && means(source.slice(1), text.slice(1))
}

it('matches what the pattern means', () => {
  fc.assert(
    fc.property(pattern, segment, (pieces, text) => {
      const source = `${pieces.join('')}*`
      expect(matchesGlob(parseGlob(source), text)).toBe(means(source, text))
      expect(matchesGlob(parseGlob(`*${pieces.join('')}`), text)).toBe(
        means(`*${pieces.join('')}`, text),
      )
    }),
    { numRuns: 2000 },
  )
})

it('looks for each piece once, however the segment misleads it', () => {
  const glob = parseGlob('a*a*a*a*a*a*a*a*b*c')
  const indexOf = vi.spyOn(String.prototype, 'indexOf')
  const matched = matchesGlob(glob, `${'a'.repeat(16_000)}c`)
  const looks = indexOf.mock.calls.length
  indexOf.mockRestore()
  expect({ matched, looks }).toEqual({ matched: false, looks: 8 })
})
