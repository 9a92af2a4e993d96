import { describe, expect, it } from 'vitest'
import { runSimulate } from '../../cli/simulate.ts'
import { serveAdmin } from './admin-server.ts'
import { temporaryFolder, write } from './process.ts'

const admin = serveAdmin(Date.UTC(2026, 10, 21, 3, 0, 0))
const folder = temporaryFolder()

const NOTHING = {
  revision: 3,
  generation: 9,
  decided: 2000,
  marginPercent: 2.2,
  origins: [],
  pools: [],
  exceeded: [],
  movedPercent: 0,
  moves: [],
  tolerances: [],
  refusals: [],
}

describe('portolan simulate', () => {
  it('tells what becomes of a lost region', async () => {
    const [us, eu] = [
      { type: 'pool', pool: 'us' },
      { type: 'pool', pool: 'eu' },
    ]
    admin.prepare({
      ...NOTHING,
      origins: [
        {
          origin: 'us-1',
          pool: 'us',
          beforePercent: 50,
          afterPercent: 95,
          afterPerSecond: 95,
          capacity: 60,
        },
        { origin: 'eu-1', pool: 'eu', beforePercent: 50, afterPercent: 0, afterPerSecond: 0 },
      ],
      exceeded: [{ origin: 'us-1', requestsPerSecond: 95, capacity: 60, wasExceeded: false }],
      movedPercent: 50,
      moves: [
        { from: eu, to: us, percent: 45 },
        { from: eu, to: { type: 'refused' }, percent: 5 },
      ],
      refusals: [{ beforePercent: 0, afterPercent: 5, words: 'no origin may serve' }],
    })
    const args = ['--url', 'https://www.example.com/a', '--lost-pool', 'eu', '--rate', '100']
    expect(await runSimulate(args)).toEqual({
      code: 0,
      lines: [
        'ORIGIN  POOL  NOW   THEN  RATE  CAPACITY',
        'us-1    us    50 %  95 %  95/s  60/s',
        'eu-1    eu    50 %  0 %   0/s',
        '',
        '50 % of the traffic moves:',
        '  45 % from eu to us',
        '  5 % from eu to nobody (refused)',
        'TOO MUCH: us-1 would get 95/s and takes 60/s',
        'REFUSED: 5 % (now 0 %): no origin may serve',
        '2000 requests against revision 3; shares are right to within 2.2 %',
      ],
    })
    const requests = [{ scheme: 'https', host: 'www.example.com', path: '/a' }]
    expect(admin.asked).toEqual([
      {
        method: 'POST',
        url: '/_portolan/v1/simulate',
        body: {
          traffic: { type: 'generated', requests },
          lost: { pools: ['eu'], origins: [] },
          requestsPerSecond: 100,
        },
      },
    ])
  })

  it('sends a draft, and a mix from a file', async () => {
    admin.prepare(NOTHING)
    const draft = write(folder, 'draft.jsonc', '{ "routes": {} }')
    const mix = write(folder, 'mix.jsonc', '{ "type": "given", "requests": [] } // logged')
    const { lines } = await runSimulate([draft, '--traffic', mix])
    expect(lines).toContain('nobody moves')
    expect(admin.asked[0]?.body).toEqual({
      traffic: { type: 'given', requests: [] },
      lost: { pools: [], origins: [] },
      config: { routes: {} },
    })
  })

  it.each([
    [[], 'simulate takes --url or --traffic, one of them'],
    [['--url', 'x'], '--url takes a URL, not "x"'],
    [['--url', 'http://a.example', '--rate', 'many'], '--rate takes a number, not "many"'],
    [['a', 'b', '--url', 'http://a.example'], 'simulate takes one file at most'],
    [['--traffic', '/nowhere/mix.json'], expect.stringContaining('--traffic: ENOENT')],
    [['/nowhere.jsonc', '--url', 'http://a.example'], '/nowhere.jsonc: no such file'],
  ])('%j is told what is wrong, and asks nobody', async (args, line) => {
    const { code, lines } = await runSimulate(args)
    expect([code, lines[0], admin.asked]).toEqual([1, line, []])
  })
})
