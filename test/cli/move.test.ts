import { describe, expect, it } from 'vitest'
import { runConfirm } from '../../cli/confirm.ts'
import { runOrigins, runPools, runRamps } from '../../cli/look.ts'
import { runOrigin } from '../../cli/origin.ts'
import { runProbe } from '../../cli/probe.ts'
import { runRamp } from '../../cli/ramp.ts'
import { runShift } from '../../cli/shift.ts'
import { runState } from '../../cli/state.ts'
import { runWeights } from '../../cli/weights.ts'
import { serveAdmin } from './admin-server.ts'

const NOW = Date.UTC(2026, 10, 21, 3, 0, 0)
const admin = serveAdmin(NOW)

const DONE = { outcome: 'done', dryRun: false, generation: 9, published: true, revision: 4 }
const RAMP = {
  id: 'pool:eu',
  use: 'recovery',
  phase: 'stepping',
  percent: 25,
  steps: [10, 25, 50, 75, 100],
  sinceMs: NOW - 125_000,
  why: 'waits for 40 more requests',
}

describe('what moves traffic', () => {
  const reason = 'disk swap'

  it.each([
    [
      runState,
      ['origin', 'us-1', 'drain', '--reason', reason, '--for', '2h', '--ramp', 'slow'],
      {
        method: 'PUT',
        url: '/_portolan/v1/origins/us-1/state',
        body: { state: 'drain', reason, until: '2026-11-21T05:00:00Z', ramp: 'slow' },
      },
    ],
    [
      runState,
      'pool us maintenance --reason r --from 2026-11-22T01:00:00Z --for 30m'.split(' '),
      {
        method: 'PUT',
        url: '/_portolan/v1/pools/us/state',
        body: {
          state: 'maintenance',
          reason: 'r',
          window: { from: '2026-11-22T01:00:00Z', until: '2026-11-22T01:30:00Z' },
        },
      },
    ],
    [
      runWeights,
      ['api', 'us=70', 'eu=30.5', '--reason', 'cost', '--dry-run', '--override'],
      {
        method: 'PUT',
        url: '/_portolan/v1/routes/api/weights?dryRun=true&override=true',
        body: { weights: { us: 70, eu: 30.5 }, reason: 'cost' },
      },
    ],
    [
      runShift,
      ['api', 'us=30', 'eu=70', '--ramp', 'slow', '--confirm-within', '5m'],
      {
        method: 'POST',
        url: '/_portolan/v1/shifts?confirmWithin=5m',
        body: { route: 'api', to: { us: 30, eu: 70 }, reason: '', ramp: 'slow' },
      },
    ],
    [
      runRamp,
      ['pool:eu', 'abort', '--in-steps'],
      {
        method: 'POST',
        url: '/_portolan/v1/ramps/pool%3Aeu/abort',
        body: { reason: '', how: 'in-steps' },
      },
    ],
    [
      runConfirm,
      ['c1'],
      { method: 'POST', url: '/_portolan/v1/confirmations/c1', body: undefined },
    ],
  ] as const)('%o sends %j', async (run, args, asked) => {
    admin.prepare(DONE)
    expect(await run(args)).toEqual({
      code: 0,
      lines: ['done: generation 9 stands in the store already; the configuration is revision 4'],
    })
    expect(admin.asked).toEqual([asked])
  })

  it('tells the ramp, what it went past and what has to be confirmed', async () => {
    const confirmation = { id: 'c1', action: 'a', by: 'b', dueAtMs: NOW + 300_000 }
    const overrode = [
      { type: 'all-off', route: 'api', usable: 0 },
      { type: 'all-off', route: 'api', part: 'writes', usable: 0 },
    ]
    admin.prepare({ ...DONE, published: false, ramp: RAMP, confirmation, overrode })
    expect((await runRamp(['pool:eu', 'promote'])).lines).toEqual([
      'done: generation 9 is on its way to the store; the configuration is revision 4',
      'ramp pool:eu: stepping at 25 %, waits for 40 more requests',
      'went past the interlock "all-off" of route "api"',
      'went past the interlock "all-off" of the writes of route "api"',
      'reverts at 2026-11-21T03:05:00Z unless: portolan confirm c1',
    ])
  })

  it('says when nothing changes, and when nothing was meant to', async () => {
    admin.prepare({ ...DONE, outcome: 'unchanged' }, { ...DONE, dryRun: true })
    const same = await runWeights(['api', 'us=1'])
    expect(same.lines).toEqual(['nothing changes: it is so already'])
    const dry = await runWeights(['api', 'us=1', '--dry-run'])
    expect(dry.lines).toEqual(['this would be done; nothing was changed'])
  })

  it.each([
    [runState, [], 'state takes origin or pool, an id and a state'],
    [runState, ['origin', 'a', 'drain'], '--reason is missing: whoever looks next needs it'],
    [runState, ['route', 'a', 'drain', '--reason', 'r'], '"route" is neither origin nor pool'],
    [
      runState,
      ['origin', 'a', 'drain', '--reason', 'r', '--for', '2 hours'],
      '--for takes 30m, 2h or 1d, not "2 hours"',
    ],
    [
      runState,
      ['origin', 'a', 'drain', '--reason', 'r', '--from', '2026-11-22T01:00:00Z'],
      '--from needs --for or --until',
    ],
    [runWeights, ['api'], 'no weights: us=70 eu=30'],
    [runWeights, ['api', 'us:70'], 'a weight is written us=70, not "us:70"'],
    [runShift, ['api', 'us=1', 'us=2'], '"us" has two weights'],
    [runRamp, ['pool:eu', 'explode'], 'there is no command "explode" for a ramp'],
    [runConfirm, [], 'confirm takes one id'],
    [runOrigins, ['us'], 'takes no "us"'],
    [runProbe, [], 'probe takes one origin'],
    [runOrigin, ['a', 'b'], 'origin takes one id'],
    [runRamps, ['--to', 'router'], '--to takes the URL of the router: http:// or https://'],
    [runRamps, ['--token', ''], '--token is missing'],
  ] as const)('%o %j is told what is wrong, and asks nobody', async (run, args, line) => {
    const { code, lines } = await run(args)
    expect([code, lines[0], admin.asked]).toEqual([1, line, []])
    expect(lines.at(-1)).toContain('--json')
  })
})

async function refused(status: number, body: unknown) {
  admin.refuseNext(status, body)
  return runWeights(['api', 'us=1'])
}

describe('a refusal', () => {
  it('has its cause and its cure', async () => {
    const interlock = { title: 'An interlock refuses the change', reason: 'interlock', detail: 'd' }
    expect(await refused(409, interlock)).toEqual({
      code: 1,
      lines: [
        'refused (409): An interlock refuses the change',
        'd',
        'cure: repeat the command with --override if that is what you want',
      ],
    })
    const problems = [{ severity: 'error', path: '/weights', message: 'none', cure: 'give some' }]
    const wrong = { title: 'The question has errors', reason: 'invalid-question', problems }
    expect((await refused(422, wrong)).lines).toEqual([
      'refused (422): The question has errors',
      '/weights: none (cure: give some)',
    ])
    const away = { title: 'The control object cannot be reached', reason: 'control-unavailable' }
    expect((await refused(503, away)).lines.at(-1)).toBe(
      'cure: traffic flows on by the last snapshot meanwhile; see docs/runbooks/control-unreachable.md',
    )
  })

  it('of something else is told as such', async () => {
    expect((await refused(200, { hello: 'world' })).lines[0]).toBe(
      `${admin.url}/_portolan answered 200, and not as the admin API of Portolan would`,
    )
    const { code, lines } = await runPools(['--to', 'http://127.0.0.1:1'])
    expect([code, ...lines]).toEqual([
      1,
      expect.stringMatching(
        /^http:\/\/127\.0\.0\.1:1\/_portolan cannot be reached: .*ECONNREFUSED/,
      ),
      'cure: is it running, and is this its URL?',
    ])
  })
})
