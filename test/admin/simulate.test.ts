import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyAll } from '../support/processes-worker.ts'
import { ask } from './ask.ts'

const configOf = (us: number, eu: number) => ({
  pools: {
    us: { origins: { 'us-1': { url: 'https://us-1.example.com', capacity: 60 } } },
    eu: { origins: { 'eu-1': { url: 'https://eu-1.example.com' } } },
  },
  routes: { all: { steer: { policy: 'weighted', weights: { us, eu } } } },
})

const traffic = { type: 'generated', requests: [{ host: 'www.example.com' }] }

async function simulate(question: unknown) {
  return ask('/v1/simulate', { method: 'POST', body: JSON.stringify(question) })
}

it('has nothing to compare with before the first configuration', async () => {
  const told = await simulate({ traffic, config: configOf(1, 1) })
  expect([told.status, told.json.reason]).toEqual([404, 'no-configuration'])
})

describe('with a configuration', () => {
  beforeAll(async () => {
    await ask('/v1/config', { method: 'PUT', body: JSON.stringify(configOf(50, 50)) })
  })
  afterAll(emptyAll)

  it('tells what becomes of a lost region, and who gets more than they can take', async () => {
    const question = { traffic, requestsPerSecond: 100, lost: { pools: ['eu'] } }
    const { status, json } = await simulate(question)
    expect(status).toBe(200)
    expect(json).toMatchObject({
      revision: 1,
      pools: [
        { pool: 'us', beforePercent: expect.closeTo(50, -1), afterPercent: 100 },
        { pool: 'eu', beforePercent: expect.closeTo(50, -1), afterPercent: 0 },
      ],
      exceeded: [{ origin: 'us-1', requestsPerSecond: 100, capacity: 60, wasExceeded: false }],
      moves: [{ from: { type: 'pool', pool: 'eu' }, to: { type: 'pool', pool: 'us' } }],
    })
    expect(json.movedPercent).toBe(json.pools[1].beforePercent)
  })

  it('tells what a draft would do to requests that were logged, and applies nothing', async () => {
    const requests = ['203.0.113.1', '203.0.113.2', '203.0.113.3'].map((ip) => ({
      weight: 1,
      facts: { host: 'www.example.com', client: { ip }, nowMs: 0, random: 0 },
    }))
    const question = { traffic: { type: 'given', requests }, config: configOf(100, 0) }
    const { json } = await simulate(question)
    expect([json.decided, json.pools[0].afterPercent]).toEqual([3, 100])
    expect((await ask('/v1/config')).json).toEqual(configOf(50, 50))
  })

  it.each([
    [{}, 422, '/traffic'],
    [{ traffic, lost: { pools: ['asia'] } }, 422, '/lost/pools/asia'],
    [{ traffic, lost: { origins: ['us-9'] } }, 422, '/lost/origins/us-9'],
    [{ traffic, conditions: { origins: { 'us-9': {} } } }, 422, '/conditions/origins/us-9'],
    [{ traffic, config: { rutes: {} } }, 422, ''],
  ])('refuses %j', async (question, status, path) => {
    const told = await simulate(question)
    expect([told.status, told.json.problems[0].path]).toEqual([status, path])
  })
})
