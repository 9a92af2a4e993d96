import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compileOrdering } from '../../../src/core/compile-ordering.ts'
import { describeKey } from '../../../src/core/kernel/key.ts'
import { Key } from '../../../src/schema/key.ts'
import type { ClientFacts } from '../../../src/schema/facts.ts'
import { RequestFacts } from '../../../src/schema/facts.ts'
import { poolSetsOf } from '../../../src/schema/references.ts'
import { Balance, Steer } from '../../../src/schema/steer.ts'
import { drawOf, everyone } from './builders.ts'

// The page on policies is held to the schema and its examples are tried. What it says of each is tested beside it.

const page = readFileSync(new URL('../../../docs/policies.md', import.meta.url), 'utf8')

/** Fields that every policy has, or that name its pools, or that are the route's and not the policy's. */
const COMMON = new Set(['policy', 'algorithm', 'pools', 'weights', 'fallback'])

const fields = new Map<string, Set<string>>()
for (const { shape } of Steer.options) note(shape.policy.value, shape)
for (const { shape } of Balance.options) note(shape.algorithm.value, shape)
const orders = new Set<string>(Balance.options.map(({ shape }) => shape.algorithm.value))

const rows = page.split('\n').flatMap((line) => {
  const [, name, , pools, origins, parameters] = line.split('|').map((cell) => cell.trim())
  const [, policy] = /^\[`([a-z-]+)`\]\(#\1\)$/.exec(name ?? '') ?? []
  return policy === undefined ? [] : [{ policy, pools, origins, parameters: codeIn(parameters) }]
})

const examples = page.split('\n## ').flatMap((section) => {
  const [, code] = /```json\n([^]*?)```/.exec(section) ?? []
  return code === undefined ? [] : [{ name: section.split('\n')[0], example: JSON.parse(code) }]
})

it('lists every policy of the schema with its parameters', () => {
  expect(rows.map(({ policy }) => policy).toSorted()).toEqual([...fields.keys()].toSorted())
  for (const { policy, pools, origins, parameters } of rows) {
    expect(new Set(parameters)).toEqual(fields.get(policy))
    expect(pools).toBe('yes')
    expect(origins?.startsWith('yes')).toBe(orders.has(policy))
  }
})

it('has a section with an example for each, which the schema takes', () => {
  expect(examples.map(({ name }) => name)).toEqual(rows.map(({ policy }) => policy))
  for (const { name, example } of examples) {
    const isSteer = 'policy' in example
    expect((isSteer ? Steer : Balance).safeParse(example)).toMatchObject({ success: true })
    expect(isSteer ? example.policy : example.algorithm).toBe(name)
  }
})

it('has the keys of the schema, each with words of its own', () => {
  const [, table = ''] = page.split(/\| Key +\|/)
  const keys = [...table.matchAll(/^\| `(["{].*?["}])` +\|/gm)].map(([, key = '']) =>
    JSON.parse(key),
  )
  expect(keys).toHaveLength(7)
  const facts = RequestFacts.parse({ host: 'www.example.com', path: '/users/7/posts' })
  const words = keys.map((key) => describeKey(Key.parse(key), facts, 'session'))
  expect(new Set(words).size).toBe(7)
})

it('says by which key a policy goes unless told', () => {
  const pools = { pools: ['a', 'b'] }
  expect(keyOf(Steer.parse({ policy: 'weighted', weights: ['a', 'b'] }))).toBe('client')
  expect(keyOf(Steer.parse({ policy: 'hash', ...pools }))).toBe('client')
  expect(keyOf(Steer.parse({ policy: 'geo', default: ['a'] }))).toBe('client')
  expect(keyOf(Balance.parse({ algorithm: 'weighted' }))).toBe('random')
  expect(keyOf(Balance.parse({ algorithm: 'hash' }))).toBe('client')
  expect(keyOf(Steer.parse({ policy: 'proximity', ...pools }))).toBe('client')
  expect(keyOf(Balance.parse({ algorithm: 'proximity' }))).toBe('random')
})

describe('the example of geo', () => {
  const geo = Steer.parse(examples.find(({ name }) => name === 'geo')?.example)
  const ids = [
    ...new Set(poolSetsOf(geo).flatMap(({ set }) => set.members.map(({ pool }) => pool))),
  ]
  const members = ids.map((id) => ({ id, weight: 1, location: undefined }))
  const { group, order } = compileOrdering('route:a', geo, members)
  const [, table = ''] = page.split(/\| Client +\| Order +\|/)
  const [tried = ''] = table.split('\n\n')
  const cases = tried.split('\n').flatMap((line) => {
    const [, client = '', pools = ''] = line.split('|')
    return client.trim() === '' || client.includes('---') ? [] : [[client, codeIn(pools)] as const]
  })

  it.each(cases)('%s goes to %j', (client, pools) => {
    const draw = drawOf({ client: clientOf(codeIn(client)) })
    expect(order(group, everyone(group), draw).map((member) => ids[member])).toEqual(pools)
  })

  it('is tried in full', () => {
    expect(cases).toHaveLength(4)
  })
})

/** Reads `US-CA`, `US`, `NA` as a region, a country and a continent: the last is the continent. */
function clientOf(places: readonly string[]): ClientFacts {
  const region = places.find((place) => place.includes('-'))
  const [country, continent] = places.filter((place) => !place.includes('-'))
  return {
    ...(region !== undefined && { region }),
    ...(country !== undefined && { country }),
    ...(continent !== undefined && { continent }),
  }
}

function keyOf(policy: Steer | Balance): Key {
  return compileOrdering('route:a', policy, []).key
}

function note(name: string, shape: object): void {
  const names = fields.get(name) ?? new Set()
  for (const field of Object.keys(shape)) if (!COMMON.has(field)) names.add(field)
  fields.set(name, names)
}

function codeIn(text = ''): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
}
