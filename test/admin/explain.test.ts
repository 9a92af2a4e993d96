import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyAll } from '../support/processes-worker.ts'
import { ask } from './ask.ts'

const config = {
  pools: {
    us: { origins: { 'us-1': { url: 'https://us-1.example.com' } } },
    eu: { origins: { 'eu-1': { url: 'https://eu-1.example.com' } } },
  },
  routes: { all: { steer: { policy: 'failover', pools: ['us', 'eu'] } } },
}

async function explain(question: unknown) {
  return ask('/v1/explain', { method: 'POST', body: JSON.stringify(question) })
}

const facts = { host: 'www.example.com' }

it('has nothing to explain without a configuration', async () => {
  const told = await explain({ facts })
  expect([told.status, told.json.reason]).toEqual([404, 'no-configuration'])
})

describe('with a configuration', () => {
  beforeAll(async () => {
    await ask('/v1/config', { method: 'PUT', body: JSON.stringify(config) })
  })
  afterAll(emptyAll)

  it('tells the decision and its words', async () => {
    const told = await explain({ facts })
    expect(told.status).toBe(200)
    expect(told.json).toMatchObject({
      revision: 1,
      generation: 1,
      decision: 'steer',
      route: 'all',
      attempts: ['us-1', 'eu-1'],
      words: expect.arrayContaining([expect.any(String)]),
    })
  })

  it('tells what would be if an origin were unhealthy', async () => {
    const conditions = { origins: { 'us-1': { health: 'unhealthy', evidence: '3 of 3 probes' } } }
    const told = await explain({ facts, conditions })
    expect(told.json).toMatchObject({ attempts: ['eu-1'] })
    expect(told.json.words.join(' ')).toContain('3 of 3 probes')
  })

  it('tells what a draft would do, and applies nothing', async () => {
    const draft = { routes: { all: { respond: { status: 204 } } } }
    const told = await explain({ facts, config: draft })
    expect(told.json).toMatchObject({ decision: 'respond', route: 'all', status: 204 })
    expect(told.json).not.toHaveProperty('revision')
    expect((await ask('/v1/config')).headers.get('etag')).toBe('"1"')
  })

  it('refuses a question that has errors, with their paths', async () => {
    const cases: readonly (readonly [unknown, number, string])[] = [
      [{}, 422, '/facts'],
      [{ facts: {} }, 422, '/facts/host'],
      [{ facts: { host: 'a', colour: 'red' } }, 422, '/facts'],
      [{ facts: { host: 'a', random: 1 } }, 422, '/facts/random'],
      [
        { facts, conditions: { origins: { 'us-1': { health: 'dead' } } } },
        422,
        '/conditions/origins/us-1/health',
      ],
      [{ facts, conditions: { origins: { 'us-9': {} } } }, 422, '/conditions/origins/us-9'],
      [{ facts, conditions: { pools: { asia: {} } } }, 422, '/conditions/pools/asia'],
      [{ facts, config: { rutes: {} } }, 422, ''],
      [{ facts, extra: 1 }, 422, ''],
      [null, 422, ''],
    ]
    for (const [question, status, path] of cases) {
      const told = await explain(question)
      expect([told.status, told.json.problems[0].path]).toEqual([status, path])
    }
    expect((await ask('/v1/explain', { method: 'POST', body: '{' })).status).toBe(400)
  })
})
