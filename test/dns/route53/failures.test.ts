import { describe, expect, it } from 'vitest'
import { change, ours, startStage } from '../../support/route53/stage.ts'

const DONE = { outcome: 'done' } as const
const MAKE = change(undefined, ours())

describe('when Route 53 refuses', () => {
  it.each([
    { status: 400, code: 'Throttling', kind: 'rate-limited', words: 'five times a second' },
    { status: 400, code: 'PriorRequestNotComplete', kind: 'rate-limited', words: 'at a time' },
    { status: 429, code: 'TooManyRequestsException', kind: 'rate-limited', words: '429' },
    { status: 404, code: 'NoSuchHostedZone', kind: 'no-zone', words: '`zones`' },
    { status: 403, code: 'AccessDenied', kind: 'unauthorized', words: 'policy' },
    { status: 403, code: 'ExpiredToken', kind: 'unauthorized', words: 'are over' },
    { status: 400, code: 'IncompleteSignature', kind: 'unauthorized', words: '400' },
    { status: 400, code: 'InvalidInput', kind: 'refused', words: 'InvalidInput' },
    { status: 404, code: 'NoSuchHealthCheck', kind: 'refused', words: '`healthChecks`' },
  ])('$code is told as $kind, and nothing was written', async ({ kind, words, ...error }) => {
    const { zone, server, hosted } = await startStage()
    server.strike(/GET .*rrset/, { kind: 'error', ...error })
    const failure = { kind, detail: expect.stringContaining(words) as string }
    expect(await zone.read([ours()])).toEqual({ ok: false, failure })
    server.strike(/POST/, { kind: 'error', ...error })
    expect(await zone.apply([MAKE])).toEqual([{ outcome: 'failed', failure }])
    expect(hosted.sets).toHaveLength(2)
  })

  it('a conflict is one in the shape in which it is published, too', async () => {
    const { zone, server, account, hosted } = await startStage({ isPublishedError: true })
    const rival = { name: 'www.example.com', type: 'A', ttl: 1, values: ['192.0.2.9'] }
    server.meanwhile(/POST/, () => account.plant(hosted, rival))
    const detail = expect.stringContaining('already exists') as string
    expect(await zone.apply([MAKE])).toEqual([{ outcome: 'conflict', detail }])
  })

  it('a pause that it asks for is told on', async () => {
    const { zone, server } = await startStage()
    const error = {
      kind: 'error',
      status: 503,
      code: 'ServiceUnavailable',
      retryAfter: '7',
    } as const
    server.strike(/GET/, error)
    const failure = { kind: 'unavailable', retryAfterMs: 7_000 }
    expect(await zone.read([ours()])).toMatchObject({ ok: false, failure })
  })

  it('what a policy does not allow stops nothing else', async () => {
    const { zone } = await startStage({
      allows: ({ names }) => names.every((name) => !name.endsWith('secret.example.com')),
    })
    const names = ['a', 'b', 'secret', 'c'].map((label) => `${label}.example.com`)
    const results = await zone.apply(names.map((name) => change(undefined, ours({ name }))))
    const denied = { outcome: 'failed', failure: { kind: 'unauthorized' } }
    expect(results).toMatchObject([DONE, DONE, denied, DONE])
  })

  it('too many requests in the middle end the run, and the rest is surely not written', async () => {
    const { zone, server } = await startStage()
    const bad = ours({ name: 'a.example.com', values: ['bad'] })
    const sets = [bad, ...['b', 'c', 'd'].map((label) => ours({ name: `${label}.example.com` }))]
    // The first batch is refused for what is in it; its first half meets a zone that is busy.
    server.meanwhile(/POST/, () => {
      const busy = { kind: 'error', status: 400, code: 'PriorRequestNotComplete' } as const
      server.meanwhile(/POST/, () => server.strike(/POST/, busy))
    })
    const results = await zone.apply(sets.map((set) => change(undefined, set)))
    expect(results.map((result) => 'failure' in result && result.failure.kind)).toEqual(
      sets.map(() => 'rate-limited'),
    )
    expect(results.map(({ outcome }) => outcome)).toEqual(sets.map(() => 'failed'))
    expect(results[3]).toMatchObject({
      failure: { detail: expect.stringContaining('not tried') as string },
    })
    expect(server.bodies).toHaveLength(2)
  })
})

describe('a run that would take too long', () => {
  it('writes nothing any more when its time is over', async () => {
    const { zone, server } = await startStage({}, { patience: { writingMs: -1 } })
    const failure = {
      kind: 'timed-out',
      detail: expect.stringContaining('no time was left') as string,
    }
    expect(await zone.apply([MAKE])).toEqual([{ outcome: 'failed', failure }])
    expect(server.bodies).toHaveLength(0)
  })

  it('looks for wrong records with a bounded number of requests', async () => {
    const { zone, server } = await startStage()
    const sets = Array.from({ length: 100 }, (_, at) =>
      ours({ name: `h${at}.example.com`, values: [at === 99 ? '192.0.2.1' : 'bad'] }),
    )
    const results = await zone.apply(sets.map((set) => change(undefined, set)))
    expect(results.filter(({ outcome }) => outcome === 'failed').length).toBeGreaterThanOrEqual(99)
    expect(server.bodies.length).toBeLessThan(60)
  })
})

describe('when the answer to a change is lost', () => {
  it.each(['cut', 'lost', 'silent'] as const)(
    'nobody knows (%s), until it is looked up',
    async (kind) => {
      const { zone, server, hosted, open } = await startStage()
      server.strike(/POST/, { kind })
      const hasty = kind === 'silent' ? open({ settings: { timeout: 50 } }) : zone
      const expected = kind === 'silent' ? 'timed-out' : 'unavailable'
      const [result] = await hasty.apply([MAKE])
      expect(result).toMatchObject({ outcome: 'unknown', failure: { kind: expected } })
      expect(hosted.sets).toHaveLength(kind === 'cut' ? 2 : 4)
      expect(await zone.apply([MAKE])).toEqual([DONE])
      expect(hosted.sets).toHaveLength(4)
    },
  )

  it.each([
    { status: 500, body: 'Internal Failure', kind: 'unavailable' },
    { status: 502, body: '<html><br>Bad Gateway</html>', kind: 'unavailable' },
    { status: 200, body: '', kind: 'garbled' },
    { status: 200, body: '<ChangeResourceRecordSetsResponse>', kind: 'garbled' },
    { status: 200, body: '<ChangeResourceRecordSetsResponse/>', kind: 'garbled' },
  ])('nobody knows after $status "$body"', async ({ status, body, kind }) => {
    const { zone, server } = await startStage()
    server.strike(/POST/, { kind: 'text', status, body })
    expect(await zone.apply([MAKE])).toMatchObject([{ outcome: 'unknown', failure: { kind } }])
  })

  it('no later batch is sent', async () => {
    const { zone, server } = await startStage()
    const text = `"${'a'.repeat(250)}"`
    const sets = Array.from({ length: 150 }, (_, at) =>
      ours({ name: `t${at}.example.com`, type: 'TXT', values: [text] }),
    )
    server.strike(/POST/, { kind: 'cut' })
    const results = await zone.apply(sets.map((set) => change(undefined, set)))
    expect(results.at(0)?.outcome).toBe('unknown')
    expect(results.at(-1)?.outcome).toBe('failed')
    expect(server.bodies).toHaveLength(1)
  })
})

describe('a change', () => {
  it('is watched until all servers have it', async () => {
    const { zone, server } = await startStage(
      { propagationMs: 300 },
      { settings: { inSync: 5_000 } },
    )
    const [result] = await zone.apply([MAKE])
    expect(result).toEqual({ outcome: 'done', propagatedMs: expect.any(Number) as number })
    const took = result?.outcome === 'done' ? (result.propagatedMs ?? 0) : 0
    // Its clock begins when the answer has come, which is later than that of the servers.
    expect(took).toBeGreaterThan(0)
    expect(took).toBeLessThan(5_000)
    expect(server.log.filter((line) => line.includes('/change/')).length).toBeGreaterThan(1)
  })

  it('is watched no longer than the settings say', async () => {
    const { zone } = await startStage({ propagationMs: 60_000 }, { settings: { inSync: 40 } })
    const beganMs = Date.now()
    expect(await zone.apply([MAKE])).toEqual([DONE])
    expect(Date.now() - beganMs).toBeLessThan(20_000)
  })

  it('is done all the same when it cannot be watched', async () => {
    const stage = { allows: ({ action }: { action: string }) => action !== 'route53:GetChange' }
    const { zone, server } = await startStage(stage, { settings: { inSync: 5_000 } })
    expect(await zone.apply([MAKE])).toEqual([DONE])
    expect(server.log.filter((line) => line.includes('/change/'))).toHaveLength(1)
  })
})

it('temporary keys come with their token', async () => {
  const { zone, open } = await startStage({}, { credentials: { sessionToken: 'IQoJb3JpZ2lu//8=' } })
  expect(await zone.read([ours()])).toMatchObject({ failure: { kind: 'unauthorized' } })
  const settings = { sessionToken: { secret: 'AWS_TOKEN' } }
  const temporary = open({ settings, bindings: { AWS_TOKEN: 'IQoJb3JpZ2lu//8=' } })
  expect(await temporary.read([ours()])).toEqual({ ok: true, value: [] })
})

it('requests keep a distance, so that others of the account can ask, too', async () => {
  const { open, server } = await startStage()
  const keys = ['*.a', '*.b', '*.c'].map((label) => ours({ name: `${label}.example.com` }))
  const slow = open({ patience: { burst: 2, spacingMs: 100 } })
  const beganMs = Date.now()
  await slow.read(keys)
  expect(server.log.length).toBeGreaterThan(4)
  expect(Date.now() - beganMs).toBeGreaterThanOrEqual((server.log.length - 2) * 100)
})
