import { describe, expect, it } from 'vitest'
import { requestsOf } from '../../src/core/simulation-mix.ts'
import { SimulationQuestion } from '../../src/schema/simulation.ts'

const HOST = { host: 'www.example.com' }

describe('a generated mix', () => {
  it('gives every client an address of its own, up to the most clients', () => {
    const { traffic } = SimulationQuestion.parse({
      traffic: { type: 'generated', clients: 20_000, requests: [HOST] },
    })
    const addresses = requestsOf(traffic).map(({ facts }) => facts.client.ip)
    expect(new Set(addresses).size).toBe(20_000)
  })

  it('asks for each kind of request as often as its weight says', () => {
    const { traffic } = SimulationQuestion.parse({
      traffic: {
        type: 'generated',
        requests: [
          { ...HOST, path: '/a', weight: 3 },
          { ...HOST, path: '/b' },
        ],
      },
    })
    const paths = requestsOf(traffic).map(({ facts }) => facts.path)
    expect(Math.abs(paths.filter((path) => path === '/a').length - 1500)).toBeLessThan(97)
  })

  it('binds each client at a time of its own, so that they come back one by one', () => {
    const bond = { origin: 'us-1', boundAtMs: 500_000 }
    const { traffic } = SimulationQuestion.parse({
      traffic: { type: 'generated', clients: 1000, requests: [{ ...HOST, bond }] },
    })
    const times = requestsOf(traffic).map(({ facts }) => facts.bond?.boundAtMs)
    expect(new Set(times).size).toBe(1000)
    expect(Math.max(...times.map((time) => time ?? 0))).toBe(500_000)
  })
})
