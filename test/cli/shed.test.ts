import { describe, expect, it } from 'vitest'
import { runPools } from '../../cli/look.ts'
import { runShed } from '../../cli/shed.ts'
import { serveAdmin } from './admin-server.ts'

const NOW = Date.UTC(2026, 10, 21, 3, 0, 0)
const admin = serveAdmin(NOW)
const DONE = { outcome: 'done', dryRun: false, generation: 9, published: true, revision: 4 }
const PATH = '/_portolan/v1/pools/us/shedding'

describe('portolan shed', () => {
  it.each([
    [
      'us --new 50 --reason cost',
      { method: 'PUT', url: PATH, body: { newPercent: 50, reason: 'cost' } },
    ],
    [
      'us --new 50 --sessions 10.5 --by random --for 2h --reason cost --confirm-within 5m',
      {
        method: 'PUT',
        url: `${PATH}?confirmWithin=5m`,
        body: {
          newPercent: 50,
          sessionPercent: 10.5,
          by: 'random',
          until: '2026-11-21T05:00:00Z',
          reason: 'cost',
        },
      },
    ],
    ['us --end', { method: 'DELETE', url: PATH, body: undefined }],
    [
      'us --end --reason well --dry-run',
      { method: 'DELETE', url: `${PATH}?reason=well&dryRun=true`, body: undefined },
    ],
  ])('sends what "%s" asks for', async (typed, asked) => {
    admin.prepare({ ...DONE, overrode: [] })
    const { code } = await runShed(typed.split(' '))
    expect(code).toBe(0)
    expect(admin.asked).toEqual([asked])
  })

  it.each([
    ['us --new 50', '--reason is missing'],
    ['us --reason r', 'nothing to shed'],
    ['us --new lots --reason r', 'take a percent'],
    ['us --new 5 --reason r --for ever', '--for takes'],
    ['us --new 5 --reason r --for 1h --until 2026-11-21T05:00:00Z', 'say the same'],
    ['--new 5 --reason r', 'the id of a pool'],
    ['us --end --new 5', 'leave out --new'],
    ['us --end --for 1h', 'leave out --for'],
  ])('says what is wrong with "%s"', async (typed, said) => {
    const { code, lines } = await runShed(typed.split(' '))
    expect([code, lines[0]]).toEqual([1, expect.stringContaining(said)])
  })
})

it('is shown with its pool', async () => {
  const shed = { newPercent: 50, sessionPercent: 10, by: 'hash' }
  const shedding = { shed, reason: 'cost', by: 'anna', sinceMs: NOW, untilMs: NOW + 60_000 }
  const pool = { id: 'us', origins: ['us-1'], usable: 1, minimumOrigins: 1, isDown: false }
  admin.prepare({ items: [{ ...pool, state: 'ready', sharePercent: 100, shedding }] })
  expect((await runPools([])).lines.at(-1)).toContain(
    'sheds 50 % of new and 10 % of bound clients by anna until 2026-11-21T03:01:00Z: cost',
  )
})
