import { describe, expect, it } from 'vitest'
import { parseJsonc } from '../../cli/jsonc.ts'

describe('JSON with comments', () => {
  it('reads comments and trailing commas', () => {
    const parsed = parseJsonc('// a\n{ "a": [1, 2,], /* b */ "c": null, }\n')
    expect(parsed.ok && parsed.document.value).toEqual({ a: [1, 2], c: null })
  })

  it('knows where a value stands, or the nearest that encloses it', () => {
    const parsed = parseJsonc('{\n  "a/b": {\n    "c": [10, 20]\n  }\n}')
    if (!parsed.ok) throw new Error('does not parse')
    const locate = (pointer: string) => parsed.document.locate(pointer)
    expect(locate('/a~1b/c/1')).toEqual({ line: 3, column: 15 })
    expect(locate('/a~1b/d/e')).toEqual({ line: 2, column: 10 })
    expect(locate('')).toEqual({ line: 1, column: 1 })
  })

  it.each([
    ['{ "a": 1\n "b": 2 }', [{ line: 2, column: 2, message: 'comma expected' }]],
    ['{ "a": }', [{ line: 1, column: 8, message: 'value expected' }]],
    ['', [{ line: 1, column: 1, message: 'value expected' }]],
    [
      '{ "a": { "x": 1, "x": 2 } }',
      [
        {
          line: 1,
          column: 18,
          message: '"x" is given twice in one object; the second would silently win',
        },
      ],
    ],
  ])('says where %j goes wrong', (text, problems) => {
    expect(parseJsonc(text)).toEqual({ ok: false, problems })
  })

  it('does not follow nesting beyond what any configuration has', () => {
    const parsed = parseJsonc('['.repeat(100_000))
    expect(parsed).toEqual({
      ok: false,
      problems: [{ line: 1, column: 65, message: 'nested deeper than 64 levels' }],
    })
  })

  it('refuses the one name that would be passed over in silence', () => {
    const parsed = parseJsonc('{ "pools": { "__proto__": {} } }')
    expect(parsed.ok ? [] : parsed.problems).toMatchObject([{ line: 1, column: 14 }])
  })

  it('tells of a hostile file in ten problems at most', () => {
    const parsed = parseJsonc('{ "a" 1 '.repeat(500))
    expect(parsed.ok ? 0 : parsed.problems.length).toBeLessThanOrEqual(10)
  })
})
