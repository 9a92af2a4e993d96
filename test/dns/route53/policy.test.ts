import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { toPermission } from '../../support/route53/policy.ts'
import { change, ours, startStage } from '../../support/route53/stage.ts'

const DONE = { outcome: 'done' } as const
const ID = 'Z0123456789ABCDEFGHIJ'

const page = readFileSync(new URL('../../../docs/dns-route53.md', import.meta.url), 'utf8')
const [, policy = ''] = /```json\n(.*?)```/s.exec(page) ?? []

/** The documented key in the documented zone. */
async function start() {
  const settings = { zones: { 'example.com': ID }, inSync: 1_000 }
  const stage = await startStage({ allows: toPermission(policy) }, { settings })
  const { account, hosted } = stage
  account.zones[account.zones.indexOf(hosted)] = { ...hosted, id: ID }
  return stage
}

describe('the documented policy', () => {
  it('is enough to make, see, change, watch and remove its records', async () => {
    const { zone } = await start()
    const play = ours({ name: 'play.example.com' })
    const edge = ours({ name: '*.edge.example.com', type: 'AAAA', values: ['2001:db8::1'] })
    const made = { ...DONE, propagatedMs: expect.any(Number) as number }
    const make = [play, edge].map((set) => change(undefined, set))
    expect(await zone.apply(make)).toEqual([made, made])
    expect(await zone.read([play, edge])).toEqual({ ok: true, value: [play, edge] })
    const lower = { ...play, ttl: 30 }
    expect(await zone.apply([change(play, lower), change(edge)])).toEqual([made, made])
    expect(await zone.apply([change(lower)])).toEqual([made])
  })

  it('allows nothing else', async () => {
    const { zone, open } = await start()
    const denied = { outcome: 'failed', failure: { kind: 'unauthorized' } }
    const others = [
      ours({ name: 'www.example.com' }),
      ours({ name: 'play.example.com', type: 'SRV', values: ['0 0 1 www.example.com'] }),
    ]
    const results = await zone.apply(others.map((set) => change(undefined, set)))
    expect(results).toMatchObject([denied, denied])
    const lookingUp = open({ settings: { zones: {} } })
    expect(await lookingUp.read([ours()])).toMatchObject({ failure: { kind: 'unauthorized' } })
  })
})
