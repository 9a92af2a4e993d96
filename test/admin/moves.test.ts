import { describe, expect, it } from 'vitest'
import type { TrafficAnswer } from '../../durable/traffic-methods.ts'
import type { ReceiverView } from '../../src/schema/notice.ts'
import type { RampView } from '../../src/schema/traffic.ts'
import { ask } from './ask.ts'
import { depsThatHear } from './told-control.ts'

const DONE: TrafficAnswer = {
  outcome: 'done',
  dryRun: false,
  generation: 8,
  published: true,
  revision: 3,
  overrode: [],
}
const ROOT = { name: 'root', from: '203.0.113.9' }
const FROM = { 'cf-connecting-ip': ROOT.from }
const PLAIN = { actor: ROOT, reason: '', dryRun: false, override: false }

const RAMP: RampView = {
  id: 'shift:7',
  use: 'shift',
  subject: { type: 'route', id: 'api' },
  phase: 'stepping',
  percent: 25,
  steps: [10, 25, 50, 75, 100],
  sinceMs: 1,
  why: 'waits for 5 min',
  startedAtMs: 0,
  startedBy: 'root',
}

const body = (value: unknown) => JSON.stringify(value)

async function putWeights(query = '', sent: unknown = { weights: { us: 70, eu: 30 } }) {
  const { deps, heard } = depsThatHear({ setWeights: DONE })
  const init = { method: 'PUT', body: body(sent), headers: { ...FROM, 'if-match': '"3"' } }
  return { told: await ask(`/v1/routes/api/weights${query}`, init, deps), heard }
}

async function putState(path: string, sent: unknown) {
  const { deps, heard } = depsThatHear({ setState: DONE })
  return { told: await ask(path, { method: 'PUT', body: body(sent), headers: FROM }, deps), heard }
}

async function answerWith(answer: TrafficAnswer) {
  const { deps } = depsThatHear({ setWeights: answer })
  return ask('/v1/routes/api/weights', { method: 'PUT', body: body({ weights: { us: 1 } }) }, deps)
}

describe('PUT /v1/routes/{id}/weights', () => {
  it('hands over who asks for what, on which revision', async () => {
    const { told, heard } = await putWeights('?confirmWithin=5m')
    expect([told.status, told.json]).toEqual([200, DONE])
    const weights = { us: 70, eu: 30 }
    const input = { ...PLAIN, confirmWithinMs: 300_000, route: 'api', weights, expect: [3] }
    expect(heard).toEqual([{ name: 'setWeights', input }])
  })

  it('can be tried dry, and go past the interlocks', async () => {
    const { heard } = await putWeights('?dryRun=true&override=true')
    expect(heard[0]?.input).toMatchObject({ dryRun: true, override: true })
  })

  it.each([
    ['?dryrun=true', 400],
    ['?confirmWithin=5', 400],
    ['?confirmWithin=2d', 400],
    ['?override=yes', 400],
  ])('refuses the query %s', async (query, status) => {
    const { told, heard } = await putWeights(query)
    expect([told.status, heard]).toEqual([status, []])
  })

  it.each([
    [{}, '/weights'],
    [{ weights: {} }, '/weights'],
    [{ weights: { us: 0, eu: 0 } }, '/weights'],
    [{ weights: { us: -1 } }, '/weights/us'],
    [{ weights: { us: 1 }, extra: 1 }, ''],
    [{ us: 70, eu: 30 }, '/weights'],
  ])('refuses the body %j, with the path', async (sent, path) => {
    const { told, heard } = await putWeights('', sent)
    expect([told.status, told.json.problems[0].path, heard]).toEqual([422, path, []])
  })
})

describe('an answer of the control object', () => {
  it('that an interlock refuses comes with every number and the way past', async () => {
    const refusals = [
      { type: 'all-off', route: 'api', usable: 0 },
      { type: 'all-off', route: 'api', part: 'writes', usable: 0 },
      { type: 'change-too-large', route: 'api', changePercent: 66.666, maxChangePercent: 50 },
      { type: 'capacity-too-small', route: 'api', capacityPercent: 20, minCapacityPercent: 50 },
    ] as const
    const { status, headers, json } = await answerWith({ outcome: 'refused', refusals })
    expect([status, headers.get('content-type')]).toEqual([409, 'application/problem+json'])
    expect(json).toMatchObject({ reason: 'interlock', interlocks: refusals })
    expect(json.detail).toBe(
      'route "api" would be left with 0 origins to serve it; ' +
        'the writes of route "api" would be left with 0 origins to serve them; ' +
        '66.7 % of the traffic of route "api" would move at once, and 50 % is the most (interlocks.maxChangePercent); ' +
        'route "api" would be left with 20 % of its capacity, and 50 % is the least (interlocks.minCapacityPercent). ' +
        'Do less of it, or by a ramp, or repeat it with "?override=true" and a token with the scope "admin", which the audit log keeps.',
    )
  })

  it.each([
    [{ outcome: 'not-found', detail: 'there is no route "api"' }, 404, 'not-found'],
    [{ outcome: 'conflict', detail: 'a shift is under way' }, 409, 'conflict'],
    [{ outcome: 'mismatch', revision: 9 }, 412, 'revision-mismatch'],
  ] as const)('%j is a problem', async (answer, status, reason) => {
    const { json } = await answerWith(answer)
    const { outcome: _, ...numbers } = answer
    expect(json).toMatchObject({ status, reason, ...numbers })
  })
})

describe('/v1/pools/{id}/shedding', () => {
  const path = '/v1/pools/us/shedding'

  async function putShedding(sent: unknown) {
    const { deps, heard } = depsThatHear({ setShedding: DONE })
    const init = { method: 'PUT', body: body(sent), headers: FROM }
    return { told: await ask(`${path}?confirmWithin=1m`, init, deps), heard }
  }

  it('says how much, of whom, why and until when', async () => {
    const until = '2026-11-21T23:30:00+01:00'
    const { told, heard } = await putShedding({ newPercent: 50, reason: 'too slow', until })
    expect(told.status).toBe(200)
    const shed = { newPercent: 50, sessionPercent: 0, by: 'hash' }
    const untilMs = Date.UTC(2026, 10, 21, 22, 30)
    const asked = { ...PLAIN, confirmWithinMs: 60_000, reason: 'too slow' }
    expect(heard).toEqual([{ name: 'setShedding', input: { ...asked, pool: 'us', shed, untilMs } }])
  })

  it('gives it back', async () => {
    const { deps, heard } = depsThatHear({ setShedding: DONE })
    const told = await ask(`${path}?reason=well`, { method: 'DELETE', headers: FROM }, deps)
    expect([told.status, heard]).toEqual([
      200,
      [{ name: 'setShedding', input: { ...PLAIN, reason: 'well', pool: 'us', shed: null } }],
    ])
  })

  it.each([
    [{ reason: 'r' }],
    [{ newPercent: 0, sessionPercent: 0, reason: 'r' }],
    [{ newPercent: 101, reason: 'r' }],
    [{ newPercent: 50 }],
    [{ newPercent: 50, reason: 'r', by: 'luck' }],
    [{ newPercent: 50, reason: 'r', until: 'soon' }],
  ])('refuses %j', async (sent) => {
    const { told, heard } = await putShedding(sent)
    expect([told.status, heard]).toEqual([422, []])
  })
})

describe('PUT /v1/origins/{id}/state and /v1/pools/{id}/state', () => {
  const reason = 'disk swap'

  it('say what, why, from when and until when', async () => {
    const until = '2026-11-21T23:30:00+01:00'
    const origin = await putState('/v1/origins/us-1/state', {
      state: 'drain',
      reason,
      until,
      ramp: 'g',
    })
    const window = { from: '2026-11-22T01:00:00Z', until: '2026-11-22T02:00:00Z' }
    const pool = await putState('/v1/pools/us/state', { state: 'maintenance', reason, window })
    expect([origin.told.status, pool.told.status]).toEqual([200, 200])
    expect([...origin.heard, ...pool.heard].map(({ input }) => input)).toEqual([
      {
        ...PLAIN,
        reason,
        subject: { type: 'origin', id: 'us-1' },
        state: 'drain',
        untilMs: Date.UTC(2026, 10, 21, 22, 30),
        ramp: 'g',
      },
      {
        ...PLAIN,
        reason,
        subject: { type: 'pool', id: 'us' },
        state: 'maintenance',
        fromMs: Date.UTC(2026, 10, 22, 1),
        untilMs: Date.UTC(2026, 10, 22, 2),
      },
    ])
  })

  it.each([
    [{ state: 'drain' }, '/reason'],
    [{ state: 'drain', reason: '' }, '/reason'],
    [{ state: 'off', reason }, '/state'],
    [{ state: 'ready', reason, ramp: 'g' }, '/ramp'],
    [{ state: 'drain', reason, until: 'tomorrow' }, '/until'],
    [{ state: 'drain', reason, until: '2026-11-21T22:30:00' }, '/until'],
    [
      {
        state: 'drain',
        reason,
        window: { from: '2026-11-22T02:00:00Z', until: '2026-11-22T01:00:00Z' },
      },
      '/window/until',
    ],
  ])('refuse %j', async (sent, path) => {
    const { told, heard } = await putState('/v1/origins/us-1/state', sent)
    expect([told.status, told.json.problems[0].path, heard]).toEqual([422, path, []])
  })
})

describe('shifts and ramps', () => {
  it('start, are listed and found: a shift by its number too', async () => {
    const answers = { startShift: DONE, ramps: { items: [RAMP] }, ramp: RAMP }
    const { deps, heard } = depsThatHear(answers)
    const to = { us: 30, eu: 70 }
    const shift = { method: 'POST', body: body({ route: 'api', to, reason: 'cheaper' }) }
    expect((await ask('/v1/shifts', shift, deps)).status).toBe(200)
    expect((await ask('/v1/shifts', {}, deps)).json).toEqual({ items: [RAMP] })
    expect((await ask('/v1/ramps?use=recovery', {}, deps)).status).toBe(200)
    expect((await ask('/v1/ramps', {}, deps)).status).toBe(200)
    expect((await ask('/v1/shifts/7', {}, deps)).json).toEqual(RAMP)
    expect((await ask('/v1/ramps/shift:7', {}, deps)).json).toEqual(RAMP)
    expect((await ask('/v1/ramps/origin%3Aus-1', {}, deps)).json).toEqual(RAMP)
    const actor = { name: 'root', from: '' }
    expect(heard).toEqual([
      { name: 'startShift', input: { ...PLAIN, actor, reason: 'cheaper', route: 'api', to } },
      { name: 'ramps', input: { use: 'shift' } },
      { name: 'ramps', input: { use: 'recovery' } },
      { name: 'ramps', input: {} },
      { name: 'ramp', input: { id: 'shift:7' } },
      { name: 'ramp', input: { id: 'shift:7' } },
      { name: 'ramp', input: { id: 'origin:us-1' } },
    ])
  })

  it.each(['pause', 'resume', 'step-back', 'promote', 'abort'])('take %s', async (command) => {
    const { deps, heard } = depsThatHear({ command: DONE })
    const bare = await ask(`/v1/ramps/pool:us/${command}`, { method: 'POST' }, deps)
    const sent = { method: 'POST', body: body({ reason: 'r', how: 'in-steps' }) }
    const full = await ask(`/v1/shifts/7/${command}?dryRun=true`, sent, deps)
    expect([bare.status, full.status]).toEqual([200, 200])
    expect(heard.map(({ input }) => input)).toMatchObject([
      { ramp: 'pool:us', command, how: 'at-once', reason: '', dryRun: false },
      { ramp: 'shift:7', command, how: 'in-steps', reason: 'r', dryRun: true },
    ])
  })

  it('are 404 where there is none, and so is a command that there is not', async () => {
    const { deps } = depsThatHear({ ramp: null })
    expect((await ask('/v1/shifts/7', {}, deps)).status).toBe(404)
    expect((await ask('/v1/shifts/x', {}, deps)).status).toBe(404)
    expect((await ask('/v1/ramps/x', {}, deps)).json.detail).toContain('"x"')
    expect((await ask('/v1/ramps/x/explode', { method: 'POST' }, deps)).status).toBe(404)
  })
})

describe('confirmations', () => {
  it('are listed and given', async () => {
    const waiting = { id: 'c1', action: 'pool "us" drains', by: 'root', dueAtMs: 5 }
    const { deps, heard } = depsThatHear({ confirmations: { items: [waiting] }, confirm: DONE })
    expect((await ask('/v1/confirmations', {}, deps)).json).toEqual({ items: [waiting] })
    const given = await ask('/v1/confirmations/c1', { method: 'POST', headers: FROM }, deps)
    expect([given.status, heard[1]?.input]).toEqual([200, { id: 'c1', actor: ROOT }])
  })
})

describe('notifications', () => {
  it('are listed, and tried', async () => {
    const receiver: ReceiverView = {
      id: 'pager',
      type: 'pagerduty',
      kinds: ['health'],
      pending: 1,
      delivered: 2,
      dropped: 0,
      failures: 3,
    }
    const failed = { outcome: 'failed', why: 'status 403', next: 'hold' } as const
    const { deps, heard } = depsThatHear({
      notifications: { items: [receiver] },
      tryNotification: failed,
    })
    expect((await ask('/v1/notifications', {}, deps)).json).toEqual({ items: [receiver] })
    const tried = await ask('/v1/notifications/pager/test', { method: 'POST' }, deps)
    expect([tried.status, tried.json, heard[1]?.input]).toEqual([200, failed, { id: 'pager' }])
    const none = depsThatHear({ tryNotification: null }).deps
    const missed = await ask('/v1/notifications/nobody/test', { method: 'POST' }, none)
    expect(missed.status).toBe(404)
  })
})
