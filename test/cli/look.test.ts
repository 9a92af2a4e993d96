import { describe, expect, it } from 'vitest'
import {
  runConfirmations,
  runNotifications,
  runOrigins,
  runPools,
  runRamps,
  runShifts,
} from '../../cli/look.ts'
import { runNotify } from '../../cli/notify.ts'
import { runOrigin } from '../../cli/origin.ts'
import { runProbe } from '../../cli/probe.ts'
import { serveAdmin } from './admin-server.ts'

const NOW = Date.UTC(2026, 10, 21, 3, 0, 0)
const admin = serveAdmin(NOW)

const RAMP = {
  id: 'pool:eu',
  use: 'recovery',
  phase: 'stepping',
  percent: 25,
  steps: [10, 25, 50, 75, 100],
  sinceMs: NOW - 125_000,
  why: 'waits for 40 more requests',
}
const HELD = { ...RAMP, id: 'shift:7', use: 'shift', phase: 'held', percent: 0, why: 'hard breach' }
const US = {
  id: 'us-1',
  pool: 'us',
  health: 'unhealthy',
  evidence: '2 of 3 regions, 3 in a row: connection refused',
  sinceMs: NOW - 3_725_000,
  holdsUntilMs: NOW + 60_000,
  state: 'ready',
  sharePercent: 100,
  poolSharePercent: 100,
  connections: 0,
}
const EU = {
  id: 'eu-1',
  pool: 'eu',
  health: 'healthy',
  evidence: '',
  sinceMs: NOW - 125_000,
  state: 'drain',
  override: { state: 'drain', reason: 'disk swap', by: 'anna', fromMs: 0, untilMs: NOW + 60_000 },
  sharePercent: 50,
  poolSharePercent: 25,
  ramp: RAMP,
  missing: 'the object of the origin: no answer within 1000 ms',
}

const { override: _, ...READY } = EU
const AP = { ...READY, id: 'ap-1', pool: 'ap', state: 'ready' }

describe('the lists', () => {
  it('show every origin with the reason for its health and its share', async () => {
    admin.prepare({ items: [US], next: 'us-1' }, { items: [EU, AP] })
    expect(await runOrigins([])).toEqual({
      code: 0,
      lines: [
        'ORIGIN  POOL  HEALTH     FOR        STATE  SHARE   OPEN  WHY',
        'us-1    us    unhealthy  1 h 2 min  ready  -       0     2 of 3 regions, 3 in a row: connection refused',
        'eu-1    eu    healthy    2 min 5 s  drain  -       ?     pool eu has 25 %; recovery stepping at 25 %: waits for 40 more requests; drain by anna until 2026-11-21T03:01:00Z: disk swap',
        'ap-1    ap    healthy    2 min 5 s  ready  12.5 %  ?     pool ap has 25 %; recovery stepping at 25 %: waits for 40 more requests',
      ],
    })
    expect(admin.asked.map(({ url }) => url)).toEqual([
      '/_portolan/v1/origins',
      '/_portolan/v1/origins?after=us-1',
    ])
  })

  it('show pools, ramps, shifts and confirmations', async () => {
    const pool = { id: 'eu', origins: ['eu-1', 'eu-2'], usable: 0, minimumOrigins: 1 }
    admin.prepare(
      { items: [{ ...pool, isDown: true, state: 'ready', sharePercent: 25, ramp: RAMP }] },
      { items: [RAMP] },
      { items: [HELD] },
      { items: [{ id: 'c1', action: 'pool "us" drains', by: 'anna', dueAtMs: NOW + 300_000 }] },
    )
    const shown = [await runPools([]), await runRamps([]), await runShifts([])]
    expect([...shown, await runConfirmations([])].flatMap(({ lines }) => lines)).toEqual([
      'POOL  USABLE  NEEDS  STATE  SHARE  WHY',
      'eu    0 of 2  1      DOWN   25 %   recovery stepping at 25 %: waits for 40 more requests',
      'RAMP     USE       PHASE     AT    STEPS            FOR        WHY',
      'pool:eu  recovery  stepping  25 %  10/25/50/75/100  2 min 5 s  waits for 40 more requests',
      'RAMP     USE    PHASE  AT   STEPS            FOR        WHY',
      'shift:7  shift  held   0 %  10/25/50/75/100  2 min 5 s  hard breach',
      'ID  REVERTS IN  BY    WHAT',
      'c1  5 min       anna  pool "us" drains',
    ])
  })

  it('say in a line that there is nothing, and give the answer itself as JSON', async () => {
    admin.prepare({ items: [] }, { items: [RAMP] })
    expect((await runRamps([])).lines).toEqual(['nothing is on a ramp'])
    expect(JSON.parse((await runRamps(['--json'])).lines.join(''))).toEqual([RAMP])
  })
})

describe('portolan origin', () => {
  it('tells all of one', async () => {
    const passive = { requests: 840, failures: 100, errors: 1, windowMs: 30_000, isolates: 3 }
    const web = { monitor: 'web', verdict: 'down', inARow: 3, lastDetail: 'refused' }
    const regions = [
      { ...web, region: 'weur', lastAtMs: NOW - 2000, lastLatencyMs: 1.4 },
      { ...web, region: 'apac', void: 'its own network is out' },
    ]
    admin.prepare({ ...US, passive: { ...passive, p95Ms: 41.2 }, regions })
    expect((await runOrigin(['us-1'])).lines).toEqual([
      'us-1 in pool us',
      'health   unhealthy for 1 h 2 min, at least until 2026-11-21T03:01:00Z',
      '         2 of 3 regions, 3 in a row: connection refused',
      'state    ready',
      'share    100 %',
      'traffic  840 requests in 30 s: 100 failed, 1 other 5xx, p95 41 ms; 0 open',
      '',
      'REGION  MONITOR  SAYS  IN A ROW  LAST     TOOK  WHY',
      'weur    web      down  3         2 s ago  1 ms  refused',
      'apac    web      void  3                        its own network is out',
    ])
  })

  it('says what it could not find out', async () => {
    admin.prepare(EU)
    expect((await runOrigin(['eu-1'])).lines).toEqual([
      'eu-1 in pool eu',
      'health   healthy for 2 min 5 s',
      'state    drain (drain by anna until 2026-11-21T03:01:00Z: disk swap)',
      'share    50 %, and its pool 25 %',
      'ramp     pool:eu: recovery stepping at 25 %: waits for 40 more requests',
      'traffic  unknown: the object of the origin: no answer within 1000 ms',
    ])
  })
})

describe('portolan probe', () => {
  const ok = { origin: 'us-1', monitor: 'web', ok: true, latencyMs: 12.4, detail: '', status: 200 }

  it('shows what each region saw, and fails when one did not see it well', async () => {
    const detail = 'status 503, expected 2xx'
    admin.prepare({
      items: [
        { ...ok, region: 'weur' },
        { ...ok, region: 'apac', ok: false, status: 503, detail },
      ],
      unreachable: [{ region: 'wnam', detail: 'the prober did not answer' }],
    })
    expect(await runProbe(['us-1'])).toEqual({
      code: 1,
      lines: [
        'REGION  MONITOR  RESULT   TOOK   STATUS  WHY',
        'weur    web      ok       12 ms  200',
        'apac    web      FAILED   12 ms  503     status 503, expected 2xx',
        'wnam             UNKNOWN                 the prober did not answer',
      ],
    })
    admin.prepare({ items: [{ ...ok, region: 'weur' }], unreachable: [] })
    expect((await runProbe(['us-1'])).code).toBe(0)
  })
})

describe('notifications', () => {
  it('show who is told, and what keeps them from it', async () => {
    const told = { type: 'slack', delivered: 4, pending: 0, dropped: 0 }
    const lastError = { why: 'status 403', atMs: NOW - 60_000 }
    admin.prepare({
      items: [
        { ...told, id: 'channel', deliveredAtMs: NOW - 1000 },
        { ...told, id: 'pager', type: 'pagerduty', pending: 2, lastError },
      ],
    })
    expect((await runNotifications([])).lines).toEqual([
      'ID       TYPE       TOLD  WAITING  DROPPED  LAST TOLD  LAST ERROR',
      'channel  slack      4     0        0        1 s ago',
      'pager    pagerduty  4     2        0                   1 min ago: status 403',
    ])
  })

  it('can be tried', async () => {
    admin.prepare({ outcome: 'delivered' }, { outcome: 'failed', why: 'status 403', next: 'hold' })
    expect(await runNotify(['channel'])).toEqual({ code: 0, lines: ['channel: delivered'] })
    const lines = ['pager: not delivered: status 403']
    expect(await runNotify(['pager'])).toEqual({ code: 1, lines })
  })
})
