import { describe, expect, it } from 'vitest'
import { runConfirm } from '../../cli/confirm.ts'
import { runConfirmations, runOrigins, runPools, runRamps, runShifts } from '../../cli/look.ts'
import { runOrigin } from '../../cli/origin.ts'
import { runRamp } from '../../cli/ramp.ts'
import { runShift } from '../../cli/shift.ts'
import { runSimulate } from '../../cli/simulate.ts'
import { runState } from '../../cli/state.ts'
import { runWeights } from '../../cli/weights.ts'
import type { Reply } from '../support/origin.ts'
import { ADMIN_TOKEN, startRouter } from '../support/router.ts'
import { stageOrigin } from '../support/stage.ts'

// The commands of an operator, on a router that runs.

const answer: Reply = ({ response }) => void response.end('ok')

async function stage() {
  const [us, eu] = await Promise.all([stageOrigin('us-1', answer), stageOrigin('eu-1', answer)])
  const { url } = await startRouter({
    ramps: { slow: { dwell: '1h' } },
    pools: {
      us: { recovery: 'slow', origins: { 'us-1': { url: us.url } } },
      eu: { origins: { 'eu-1': { url: eu.url } } },
    },
    routes: { api: { steer: { policy: 'weighted', weights: { us: 50, eu: 50 } } } },
  })
  const to = ['--to', url, '--token', ADMIN_TOKEN]
  return async (
    run: (args: readonly string[]) => ReturnType<typeof runState>,
    ...args: string[]
  ) => {
    const { code, lines } = await run([...args, ...to])
    return [code, ...lines].join('\n')
  }
}

describe('an operator at a terminal', () => {
  it('sees how traffic stands, and moves it', async () => {
    const tell = await stage()
    expect(await tell(runOrigins)).toMatch(/^0\nORIGIN .*\neu-1 +eu .*ready +100 %.*\nus-1 +us /)
    expect(await tell(runPools)).toMatch(/^0\nPOOL .*\neu +1 of 1 +1 +ready +100 %\nus /)
    expect(await tell(runRamps)).toBe('0\nnothing is on a ramp')
    const drain = ['origin', 'us-1', 'drain', '--reason', 'disk swap', '--for', '2h']
    expect(await tell(runState, ...drain, '--confirm-within', '5m')).toMatch(
      /^0\ndone: generation \d+ .*\nclients stay until .*portolan drained\nreverts at \S+ unless: portolan confirm change-\d+$/,
    )
    const waiting = await tell(runConfirmations)
    const [id = ''] = /change-\d+/.exec(waiting) ?? []
    expect(await tell(runConfirm, id)).toMatch(/^0\ndone: /)
    expect(await tell(runOrigin, 'us-1')).toMatch(
      /^0\nus-1 in pool us\nhealth .*\n.*\nstate {4}drain \(drain by root until .*: disk swap\)\ndrain {4}clients stay until .*\nshare /,
    )
    expect(await tell(runState, 'pool', 'eu', 'maintenance', '--reason', 'r')).toMatch(
      /^1\nrefused \(409\): An interlock refuses the change\nroute "api" would be left with 0 origins/,
    )
  })

  it('moves weights at once or by steps, and holds what moves', async () => {
    const tell = await stage()
    expect(await tell(runWeights, 'api', 'us=60', 'eu=40')).toMatch(
      /^0\ndone: generation \d+ .*; the configuration is revision 2$/,
    )
    expect(await tell(runShift, 'api', 'us=0', 'eu=100', '--ramp', 'slow')).toMatch(
      /^0\ndone: .*\nramp shift:\d+: stepping at 10 %, /,
    )
    const [id = ''] = /shift:\d+/.exec(await tell(runShifts)) ?? []
    expect(await tell(runRamp, id, 'pause')).toMatch(/\nramp shift:\d+: paused at 10 %, /)
    expect(await tell(runRamp, id, 'abort', '--reason', 'enough')).toMatch(/: aborted at 0 %, /)
    expect(await tell(runRamp, id, 'resume')).toMatch(/^1\nrefused \(409\): /)
  })

  it('asks what would become of a lost region', async () => {
    const tell = await stage()
    const args = ['--url', 'http://www.example.com/', '--lost-pool', 'us', '--rate', '10']
    expect(await tell(runSimulate, ...args)).toMatch(
      /^0\nORIGIN .*\nus-1 .* 0 % +0\/s\neu-1 .* 100 % +10\/s\n\n\d\d(\.\d)? % of the traffic moves:\n/,
    )
  })
})
