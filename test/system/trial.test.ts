import { describe, expect, it } from 'vitest'
import { closedPort } from '../support/probe-rig.ts'
import { startRouter } from '../support/router.ts'
import { stageOrigin } from '../support/stage.ts'

// Probes that an operator asks for: by the real probers, of real origins.

const BODY = { status: 'ok', components: { db: { replicas: { a: { lag_seconds: 7.5 } } } } }

async function stage() {
  const origin = await stageOrigin(
    'us-1',
    ({ response }) => void response.end(JSON.stringify(BODY)),
  )
  const dead = `http://127.0.0.1:${await closedPort()}`
  const router = await startRouter({
    settings: { probing: 'cron' },
    monitors: { web: { path: '/health', regions: ['weur', 'apac'] } },
    pools: {
      us: { monitor: 'web', origins: { 'us-1': { url: origin.url }, 'us-2': { url: dead } } },
    },
    routes: { all: { steer: { policy: 'failover', pools: ['us'] } } },
  })
  const post = async (path: string, body?: unknown) =>
    JSON.parse((await router.admin('POST', `/_portolan/v1${path}`, body)).text)
  return { origin, post, router }
}

describe('an operator', () => {
  it('probes an origin now, and sees what every region saw', async () => {
    const { post } = await stage()
    const well = await post('/origins/us-1/probe')
    const seen = {
      origin: 'us-1',
      monitor: 'web',
      ok: true,
      status: 200,
      body: JSON.stringify(BODY),
    }
    expect(well).toMatchObject({
      items: [
        { ...seen, region: 'weur' },
        { ...seen, region: 'apac' },
      ],
      unreachable: [],
    })
    const dead = await post('/origins/us-2/probe')
    expect(dead.items).toMatchObject([
      { region: 'weur', ok: false, detail: expect.stringMatching(/connection/) },
      { region: 'apac', ok: false },
    ])
  })

  it('tries the draft of a monitor that looks inside, and changes no health by it', async () => {
    const { origin, post, router } = await stage()
    const assertion = '/components/db/replicas/*/lag_seconds < 5'
    const monitor = { path: '/deep', expect: { json: [assertion] }, regions: ['weur'] }
    const { items } = await post('/monitors/preview', { monitor, origins: ['us-1'] })
    expect(items).toMatchObject([{ region: 'weur', origin: 'us-1', monitor: 'draft', ok: false }])
    expect(items[0].detail).toContain('7.5')
    const anywhere = await post('/monitors/preview', { monitor: 'web', url: origin.url })
    expect(anywhere.items).toHaveLength(2)
    const { text } = await router.admin('GET', '/_portolan/v1/origins/us-1')
    expect(['unknown', 'healthy']).toContain(JSON.parse(text).health)
  })
})
