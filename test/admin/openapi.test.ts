import { describe, expect, it } from 'vitest'
import written from '../../docs/reference/openapi.json?raw'
import { createOperations } from '../../src/admin/operations.ts'
import { ask } from './ask.ts'

const ANONYMOUS = { headers: { authorization: '' } }

/** Every reference in a document. */
function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    name === '$ref' && typeof inner === 'string' ? [inner] : refsIn(inner),
  )
}

describe('the description of the API', () => {
  it('is served to everyone', async () => {
    const told = await ask('/openapi.json', ANONYMOUS)
    expect([told.status, told.json.openapi]).toEqual([200, '3.1.1'])
    expect(told.headers.get('content-type')).toBe('application/json')
  })

  it('is the one in docs/reference (npm run schema writes it)', async () => {
    expect(JSON.parse(written)).toEqual((await ask('/openapi.json', ANONYMOUS)).json)
  })

  it('has every operation once', async () => {
    const { json } = await ask('/openapi.json', ANONYMOUS)
    const described = Object.entries<object>(json.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { operationId }]) => `${operationId} ${method} ${path}`),
    )
    const operations = createOperations().map(
      ({ id, method, path }) => `${id} ${method.toLowerCase()} ${path}`,
    )
    expect(described.toSorted()).toEqual(operations.toSorted())
    expect(new Set(operations.map((line) => line.split(' ')[0])).size).toBe(operations.length)
  })

  it('refers to all of its components, and to nothing else', async () => {
    const { json } = await ask('/openapi.json', ANONYMOUS)
    const components = Object.entries<object>(json.components)
      .filter(([kind]) => kind !== 'securitySchemes')
      .flatMap(([kind, members]) =>
        Object.keys(members).map((name) => `#/components/${kind}/${name}`),
      )
    expect([...new Set(refsIn(json))].toSorted()).toEqual(components.toSorted())
  })
})
