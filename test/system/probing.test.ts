import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { startRuntime } from '../../cli/runtime.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import type { Origin, Reply } from '../support/origin.ts'
import { ADMIN_TOKEN, type Router, startRouter } from '../support/router.ts'
import { stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

// Probers as objects of the real runtime, in front of real origins.

const SECOND_MS = 1000

interface View {
  readonly health: string
  readonly evidence: string
}

async function viewOf(router: Router, origin: string): Promise<View> {
  const { text } = await router.admin('GET', `/_portolan/v1/origins/${origin}`)
  return JSON.parse(text) as View
}

async function pass(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms))
}

/** An origin that notes when it was asked. */
async function stageWatched(id: string, reply: Reply = ok) {
  const times: number[] = []
  const origin = await stageOrigin(id, (exchange) => {
    times.push(Date.now())
    return reply(exchange)
  })
  return { origin, times }
}

const ok: Reply = ({ response }) => void response.end('fine')

function configOf(
  { id, url }: Pick<Origin, 'id' | 'url'>,
  monitor: NonNullable<AuthoredConfig['monitors']>[string],
  settings: NonNullable<AuthoredConfig['settings']> = {},
): AuthoredConfig {
  return {
    settings,
    monitors: { web: monitor },
    pools: { us: { monitor: 'web', origins: { [id]: { url } } } },
    routes: { all: { steer: { policy: 'failover', pools: ['us'] } } },
  }
}

describe('by alarm', () => {
  it('each region has its turn once in the interval, and the turns lie apart', async () => {
    const { origin, times } = await stageWatched('us-1')
    const pace = { interval: '6s', unhealthyInterval: '1s', timeout: '1s', jitter: 0 } as const
    await startRouter(configOf(origin, pace))
    await until(() => times.length >= 3)
    // The first look of every region comes at once, out of turn.
    await pass(6.5 * SECOND_MS)
    const from = times.length
    await pass(12 * SECOND_MS)
    const turns = times.slice(from)
    expect(turns.length).toBeGreaterThanOrEqual(5)
    expect(turns.length).toBeLessThanOrEqual(8)
    const pauses = turns.slice(1).map((at, index) => at - (turns[index] ?? at))
    // Two seconds apart; a turn may begin half a second early to share an alarm, and a machine may stand still for one.
    expect(Math.min(...pauses)).toBeGreaterThan(200)
    expect(Math.max(...pauses)).toBeLessThan(4000)
    expect(origin.requests.every(({ target }) => target === '/')).toBe(true)
  })

  it('an origin whose replica lags is found, said why, and found well again', async () => {
    let lag = 0.5
    const { origin } = await stageWatched('db-1', ({ response }) => {
      const replicas = { a: { lag_seconds: 0.1 }, b: { lag_seconds: lag } }
      response.end(JSON.stringify({ components: { replication: { replicas } } }))
    })
    const json = ['/components/replication/replicas/*/lag_seconds < 5']
    const router = await startRouter(configOf(origin, { profile: 'fast', expect: { json } }))
    await until(async () => (await viewOf(router, 'db-1')).health === 'healthy')
    lag = 7.25
    await until(async () => (await viewOf(router, 'db-1')).health === 'unhealthy')
    const { evidence } = await viewOf(router, 'db-1')
    expect(evidence).toContain(
      '/components/replication/replicas/b/lag_seconds is 7.25, expected < 5',
    )
    lag = 1
    await until(async () => (await viewOf(router, 'db-1')).health === 'healthy')
  })

  it('is probed on after a restart, before anybody asks the router for anything', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'portolan-probing-'))
    onTestFinished(() => rm(stateDir, { recursive: true, force: true }))
    const { origin, times } = await stageWatched('us-1')
    const built = inject('builtWorker')
    const options = {
      host: '127.0.0.1',
      port: 0,
      stateDir,
      module: built.plain,
      deployment: built.deployment,
      bindings: { PORTOLAN_ADMIN_TOKEN: ADMIN_TOKEN },
    }
    const first = await startRuntime(options)
    const put = await fetch(new URL('/_portolan/v1/config', first.url), {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(configOf(origin, { profile: 'fast', interval: '1s', timeout: '1s' })),
    })
    expect(put.status).toBe(200)
    await until(() => times.length >= 3)
    await first.dispose()
    const before = times.length
    const second = await startRuntime(options)
    onTestFinished(() => second.dispose())
    await until(() => times.length >= before + 3)
  })
})

describe('by the cron alone', () => {
  it('every region probes once when it rings, and never by itself', async () => {
    const { origin, times } = await stageWatched('us-1')
    const config = configOf(origin, { profile: 'fast', interval: '1s' }, { probing: 'cron' })
    const router = await startRouter(config)
    await until(() => times.length === 3)
    await pass(2.5 * SECOND_MS)
    expect(times).toHaveLength(3)
    await router.runtime.fireCron('* * * * *')
    await until(() => times.length === 6)
    await pass(SECOND_MS)
    expect(times).toHaveLength(6)
  })
})
