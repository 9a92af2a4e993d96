import { describe, expect, it } from 'vitest'
import { runDrained } from '../../cli/drained.ts'
import { runOrigin } from '../../cli/origin.ts'
import { runPools } from '../../cli/look.ts'
import { serveAdmin } from './admin-server.ts'

const NOW = Date.UTC(2026, 10, 21, 3, 0, 0)
const admin = serveAdmin(NOW)

const left = { untilMs: NOW + 300_000, drained: false, left: '3 open connections' }
const draining = { state: 'drain', drain: left }
const drained = { state: 'drain', drain: { ...left, drained: true, left: 'nothing' } }

describe('portolan drained', () => {
  it('fails while something is left, and says what', async () => {
    admin.prepare(draining)
    expect(await runDrained(['origin', 'us-1'])).toEqual({
      code: 1,
      lines: ['clients stay until 2026-11-21T03:05:00Z; left: 3 open connections'],
    })
    expect(admin.asked).toMatchObject([{ method: 'GET', url: '/_portolan/v1/origins/us-1' }])
  })

  it('succeeds when nothing is left, if it has to wait for it', async () => {
    admin.prepare(draining, drained)
    expect(await runDrained(['pool', 'us', '--within', '1s'])).toEqual({
      code: 0,
      lines: ['drained: nothing is left'],
    })
    expect(admin.asked).toHaveLength(2)
    admin.prepare({ state: 'maintenance' })
    expect((await runDrained(['pool', 'us'])).code).toBe(0)
  })

  it('waits for what was under way where maintenance began', async () => {
    const open = { state: 'maintenance', connections: 2 }
    admin.prepare(open)
    expect(await runDrained(['origin', 'us-1'])).toEqual({
      code: 1,
      lines: ['in maintenance: nobody is sent there; still open: 2'],
    })
    admin.prepare(open, { ...open, connections: 0 })
    expect((await runDrained(['origin', 'us-1', '--within', '1s'])).code).toBe(0)
    expect(admin.asked).toHaveLength(3)
  })

  it('waits for nothing where nothing drains', async () => {
    admin.prepare({ state: 'ready' })
    expect(await runDrained(['pool', 'us', '--within', '10m'])).toEqual({
      code: 1,
      lines: ['it is ready'],
    })
  })

  it.each([[['us-1']], [['origin']], [['origin', 'a', 'b']], [['pool', 'us', '--within', 'x']]])(
    'does not understand %j',
    async (args) => {
      const { code, lines } = await runDrained(args)
      expect([code, lines.at(-1)]).toEqual([1, expect.stringContaining('--json')])
      expect(admin.asked).toEqual([])
    },
  )
})

it('is told with the origin and in the list of pools', async () => {
  const shares = { sharePercent: 100, poolSharePercent: 100 }
  const origin = { id: 'us-1', pool: 'us', health: 'healthy', evidence: '', sinceMs: 0, ...shares }
  admin.prepare({ ...origin, ...draining, isRemoved: true })
  expect((await runOrigin(['us-1'])).lines.slice(2, 4)).toEqual([
    'state    drain, removed from the configuration',
    'drain    clients stay until 2026-11-21T03:05:00Z; left: 3 open connections',
  ])
  const pool = { id: 'us', origins: ['us-2'], usable: 1, minimumOrigins: 1, isDown: false }
  const ready = { ...pool, state: 'ready', sharePercent: 100, leaving: ['us-1'] }
  admin.prepare({ items: [ready, { ...ready, id: 'eu', state: 'drain', drain: { untilMs: NOW } }] })
  const { lines } = await runPools([])
  expect(lines[1]).toContain('us-1 removed and draining')
  expect(lines[2]).toContain('clients stay until 2026-11-21T03:00:00Z')
})
