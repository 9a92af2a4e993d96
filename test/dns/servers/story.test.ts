import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { playDns, type Scene } from '../../../cli/story/dns-acts.ts'
import { type DnsStage, setDnsStage } from '../../../cli/story/dns-stage.ts'
import { lacks } from '../../support/dns-servers.ts'

const EU = '198.51.100.1'
const US = '192.0.2.1'

describe.skipIf(lacks('powerdns', 'bind', 'tools'))('npm run story:dns', () => {
  let stage: DnsStage
  let scenes: readonly Scene[]

  beforeAll(async () => {
    stage = await setDnsStage()
    scenes = await playDns({ stage, onScene: () => {} })
  }, 90_000)

  afterAll(() => stage?.close())

  it.each(['PowerDNS', 'BIND'])(
    'moves the record of %s once each way, with a lower TTL',
    (server) => {
      const dug = scenes.flatMap((scene) => (scene.by === server ? (scene.dug ?? []) : []))
      const answers = dug.filter(({ addresses }) => addresses.length > 0)
      const moves = answers.filter(({ addresses: [now] }, at) => {
        return now !== answers[at - 1]?.addresses[0]
      })
      expect(moves.map(({ addresses }) => addresses)).toEqual([[EU], [US], [EU]])
      // Where one origin of the region is seen to fail before the other the TTL goes first.
      expect(moves[0]?.ttl).toBe(60)
      expect(moves[1]?.ttl).toBe(20)
      expect(answers.at(-1)).toEqual({ addresses: [EU], ttl: 60 })
    },
  )

  it('leads back only after the ramp', () => {
    const whole = scenes.findLastIndex(({ text }) => text === 'eu takes 100 % of its traffic')
    const back = scenes.findIndex(({ text }) => text === 'the region eu is back')
    const steps = scenes.slice(back, whole + 1).filter(({ by }) => by === 'router')
    expect(steps.map(({ text }) => text)).toEqual(
      [10, 25, 50, 75, 100].map((percent) => `eu takes ${percent} % of its traffic`),
    )
    const home = scenes.findLastIndex(({ dug }) => dug?.addresses.join() === EU)
    expect(home).toBeGreaterThan(whole)
    expect(scenes.slice(back, whole).filter(({ dug }) => dug)).toEqual([])
  })
})
