import { describe, expect, it } from 'vitest'
import type { Called, Client } from '../../durable/client.ts'
import type { ProberMethods, Trial } from '../../durable/prober-methods.ts'
import type { ProberName, ProbeTarget } from '../../src/schema/probe-plan.ts'
import { documentOf } from '../support/builders.ts'
import { ask } from './ask.ts'
import { depsThatHear } from './told-control.ts'

const CONFIG = {
  monitors: { web: { path: '/health', regions: ['weur', 'apac'] as ('weur' | 'apac')[] } },
  pools: {
    us: {
      monitor: 'web',
      origins: {
        'us-1': { url: 'https://us-1.example.com' },
        'us-2': { url: 'https://us-2.example.com' },
      },
    },
    eu: { origins: { 'eu-1': { url: 'https://eu-1.example.com' } } },
  },
}

/** What a prober was asked to try: where, what and how. */
type Tried = readonly [region: string, origin: string, url: string, monitor: string, path: string]

/** Probers of which the one in `apac` is away, and what they were asked to try. */
function depsThatTry() {
  const tried: Tried[] = []
  const prober = ({ region }: ProberName) => {
    const call = async (_: string, { targets }: { targets: ProbeTarget[] }) => {
      const items = targets.flatMap(({ plan, url, monitors }) =>
        monitors.map(({ id, monitor }): Trial => {
          tried.push([region, plan.origin, url, id, monitor.path])
          return {
            origin: plan.origin,
            monitor: id,
            ok: true,
            latencyMs: 3,
            detail: '',
            status: 200,
          }
        }),
      )
      const called: Called<{ items: Trial[] }> =
        region === 'apac'
          ? { ok: false, error: { kind: 'timeout', message: 'no answer within 5 ms' } }
          : { ok: true, value: { items } }
      return called
    }
    return { call } as Client<ProberMethods>
  }
  const { deps } = depsThatHear({ snapshot: documentOf(CONFIG) }, { prober })
  return { deps, tried }
}

async function preview(question: unknown) {
  const { deps, tried } = depsThatTry()
  const init = { method: 'POST', body: JSON.stringify(question) }
  return { told: await ask('/v1/monitors/preview', init, deps), tried }
}

const saw = { ok: true, latencyMs: 3, detail: '', status: 200 }
const away = [{ region: 'apac', detail: 'the prober did not answer: no answer within 5 ms' }]

describe('POST /v1/origins/{id}/probe', () => {
  it('tells what every region saw of it, and which region could not look', async () => {
    const { deps, tried } = depsThatTry()
    const told = await ask('/v1/origins/us-2/probe', { method: 'POST' }, deps)
    expect([told.status, told.json]).toEqual([
      200,
      { items: [{ region: 'weur', origin: 'us-2', monitor: 'web', ...saw }], unreachable: away },
    ])
    const target = ['us-2', 'https://us-2.example.com', 'web', '/health']
    expect(tried).toEqual([
      ['weur', ...target],
      ['apac', ...target],
    ])
  })

  it('needs an origin, and a monitor of its pool', async () => {
    const { deps } = depsThatTry()
    const unknown = await ask('/v1/origins/us-9/probe', { method: 'POST' }, deps)
    const unwatched = await ask('/v1/origins/eu-1/probe', { method: 'POST' }, deps)
    expect([unknown.status, unwatched.status]).toEqual([404, 409])
    expect(unwatched.json.detail).toContain('has no monitor')
    const { deps: empty } = depsThatHear({ snapshot: null })
    expect((await ask('/v1/origins/us-1/probe', { method: 'POST' }, empty)).status).toBe(404)
  })
})

describe('POST /v1/monitors/preview', () => {
  it('tries a monitor where it is not used yet', async () => {
    const { told, tried } = await preview({ monitor: 'web', origins: ['eu-1', 'us-1'] })
    expect(told.json.items).toEqual([
      { region: 'weur', origin: 'eu-1', monitor: 'web', ...saw },
      { region: 'weur', origin: 'us-1', monitor: 'web', ...saw },
    ])
    expect(tried.map(([region, origin]) => [region, origin])).toEqual([
      ['weur', 'eu-1'],
      ['weur', 'us-1'],
      ['apac', 'eu-1'],
      ['apac', 'us-1'],
    ])
  })

  it('tries a draft on any URL, from the regions asked for', async () => {
    const url = 'https://new.example.com'
    const draft = { path: '/deep', expect: { json: ['/status == "ok"'] } }
    const { told, tried } = await preview({ monitor: draft, url, regions: ['weur'] })
    expect([told.status, told.json.unreachable]).toEqual([200, []])
    expect(tried).toEqual([['weur', 'draft', url, 'draft', '/deep']])
  })

  it.each([
    [{ monitor: 'none', origins: ['us-1'] }, 404],
    [{ monitor: 'web', origins: ['us-9'] }, 404],
    [{ monitor: 'web' }, 422],
    [{ monitor: 'web', origins: ['us-1'], url: 'https://a.example' }, 422],
    [{ monitor: 'web', url: 'https://a.example/path' }, 422],
    [{ monitor: { path: 'health' }, origins: ['us-1'] }, 422],
    [{ monitor: 'web', origins: ['us-1'], regions: ['mars'] }, 422],
  ])('refuses %j', async (question, status) => {
    const { told, tried } = await preview(question)
    expect([told.status, tried]).toEqual([status, []])
  })
})
