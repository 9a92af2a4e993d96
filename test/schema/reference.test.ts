import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { readConfigFile } from '../../cli/config-file.ts'
import { toConfigSchema } from '../../cli/config-schema.ts'
import { generate } from '../../cli/write-schema.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const examples = `${root}examples/`

describe('what is generated from the schema', () => {
  it.each(Object.entries(generate()))('%s says what the schema says now', (name, text) => {
    const written = readFileSync(`${root}${name}`, 'utf8')
    expect(written, 'out of date: run `npm run schema`').toBe(text)
  })

  it('tells of every setting its type, default and limits', () => {
    const reference = generate()['docs/reference/config.md']
    expect(reference).toContain('| `routes.<id>.retry.attempts` | integer | `3` | 1 to 8 |')
    expect(reference).toContain('| `pools.<id>.origins.<id>.url` | text | required |')
    expect(reference).toContain(
      '| `routes.<id>.timeouts.firstByte` | duration | `"30s"` | 10ms to 10m |',
    )
    expect(reference).toContain('| `routes.<id>.steer.key` |')
  })
})

describe('the JSON Schema for editors', () => {
  const schema = z.fromJSONSchema(toConfigSchema() as Parameters<typeof z.fromJSONSchema>[0])

  it.each(readdirSync(examples))('accepts %s, as the router does', (name) => {
    const file = readConfigFile(`${examples}${name}`)
    expect(file.ok && schema.safeParse(file.authored).error).toBeUndefined()
  })

  it.each([
    [{ poools: {} }],
    [{ routes: { a: { priority: 'high' } } }],
    [{ routes: { a: { steer: { policy: 'nearest', pools: ['us'] } } } }],
    [{ pools: { a: { origins: { 'a-1': {} } } } }],
  ])('marks %j', (authored) => {
    expect(schema.safeParse(authored).success).toBe(false)
  })

  it('keeps the defaults that stand in front of a transform, so that editors show them', () => {
    const { properties } = toConfigSchema()
    const pool = properties?.pools?.additionalProperties
    const balance = pool ? pool.properties?.balance : undefined
    expect(balance?.oneOf?.[0]?.properties?.key?.default).toBe('random')
  })
})
