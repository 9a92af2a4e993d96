import { describe, expect, it } from 'vitest'
import { Config } from '../../../src/schema/config.ts'
import { keepFormerShards } from '../../../src/state/session/former-shards.ts'

const HOUR = 3_600_000

/** A configuration with so many shards, and a route whose sessions last so long. */
function configOf(shards: number, ttl?: string): Config {
  const affinity = { type: 'ip', store: 'durable', ttl } as const
  return Config.parse({
    settings: { sessions: { shards } },
    routes: { all: { respond: {}, ...(ttl !== undefined && { affinity }) } },
  })
}

/** Goes from one count to the next, an hour after each other. */
function follow(configs: readonly Config[]) {
  return configs.slice(1).reduce<ReturnType<typeof keepFormerShards>>((former, after, at) => {
    return keepFormerShards(former, { before: configs[at], after }, at * HOUR)
  }, [])
}

describe('the former counts of shards', () => {
  it('are kept as long as a session may still stand there', () => {
    const grown = follow([configOf(4, '5h'), configOf(16, '9h'), configOf(3, '1h')])
    expect(grown).toEqual([
      { shards: 4, untilMs: 5 * HOUR },
      { shards: 16, untilMs: HOUR + 9 * HOUR },
    ])
    const same = { before: configOf(3), after: configOf(3) }
    expect(keepFormerShards(grown, same, 4 * HOUR)).toBe(grown)
    expect(keepFormerShards(grown, same, 6 * HOUR)).toEqual(grown.slice(1))
  })

  it('are none of the count in force, and each once', () => {
    expect(follow([configOf(4, '5h'), configOf(16, '5h'), configOf(4, '5h')])).toEqual([
      { shards: 16, untilMs: 6 * HOUR },
    ])
  })

  it('are none where no route keeps sessions, or before there was anything', () => {
    expect(follow([configOf(4), configOf(16)])).toEqual([])
    expect(keepFormerShards([], { before: undefined, after: configOf(4, '5h') }, 0)).toEqual([])
  })

  it('are the last eight', () => {
    const many = follow(Array.from({ length: 20 }, (_, at) => configOf(at + 1, '7d')))
    expect(many.map(({ shards }) => shards)).toEqual([12, 13, 14, 15, 16, 17, 18, 19])
  })
})
