import { afterEach, describe, expect, it } from 'vitest'
import { CONFIG_LIMITS } from '../../src/schema/config-limits.ts'
import { emptyAll } from '../support/processes-worker.ts'
import { ask } from './ask.ts'

const weighing = (weight: number) => ({
  pools: { us: { origins: { 'us-1': { url: 'https://us-1.example.com', weight } } } },
})

async function put(authored: unknown, headers: Readonly<Record<string, string>> = {}) {
  return ask('/v1/config', { method: 'PUT', body: JSON.stringify(authored), headers })
}

afterEach(emptyAll)

describe('GET /v1/config', () => {
  it('is 404 before the first configuration, and says how to apply one', async () => {
    const told = await ask('/v1/config')
    expect(told.status).toBe(404)
    expect(told.headers.get('content-type')).toBe('application/problem+json')
    expect(told.json).toMatchObject({ reason: 'no-configuration', status: 404 })
  })

  it('gives back what was written, under a strong entity tag', async () => {
    await put(weighing(1))
    const told = await ask('/v1/config')
    expect([told.status, told.headers.get('etag')]).toEqual([200, '"1"'])
    expect(told.json).toEqual(weighing(1))
    expect(told.headers.get('cache-control')).toBe('no-store')
  })

  it('is 304 for who has it, and only for them', async () => {
    await put(weighing(1))
    for (const tag of ['"1"', 'W/"1"', '"7", "1"', '*']) {
      const told = await ask('/v1/config', { headers: { 'if-none-match': tag } })
      expect([tag, told.status, told.text, told.headers.get('etag')]).toEqual([tag, 304, '', '"1"'])
    }
    for (const tag of ['"2"', '1', '""', 'x']) {
      const told = await ask('/v1/config', { headers: { 'if-none-match': tag } })
      expect([tag, told.status]).toEqual([tag, 200])
    }
  })

  it('has a HEAD with the same fields and no body', async () => {
    await put(weighing(1))
    const told = await ask('/v1/config', { method: 'HEAD' })
    expect([told.status, told.text, told.headers.get('etag')]).toEqual([200, '', '"1"'])
  })
})

describe('PUT /v1/config', () => {
  it('answers with the revision, the warnings and what changed', async () => {
    await put(weighing(1))
    const steer = { policy: 'failover', pools: ['us'] }
    const routes = { hello: { steer, cache: { maxObjectBytes: 0 } } }
    const told = await put({ ...weighing(2), routes })
    expect([told.status, told.headers.get('etag')]).toEqual([200, '"2"'])
    expect(told.json).toMatchObject({
      outcome: 'accepted',
      dryRun: false,
      revision: 2,
      generation: 2,
      // Writes to the store have a second between them: this one may still be on its way.
      published: expect.any(Boolean),
      problems: [{ severity: 'warning', path: '/routes/hello/cache/maxObjectBytes' }],
      diff: [
        { path: '/pools/us/origins/us-1/weight', before: 1, after: 2 },
        { path: '/routes/hello/steer/policy', after: 'failover' },
        { path: '/routes/hello/steer/pools/0', after: 'us' },
        { path: '/routes/hello/cache/maxObjectBytes', after: 0 },
      ],
      diffOmitted: 0,
    })
  })

  it('takes comments and trailing commas, and a byte order mark', async () => {
    const body = '\uFEFF// routes\n{ "pools": { /* none */ }, "routes": {}, }'
    expect((await ask('/v1/config', { method: 'PUT', body })).status).toBe(200)
    expect((await ask('/v1/config')).json).toEqual({ pools: {}, routes: {} })
  })

  it('takes any content type: curl sends forms unless told otherwise', async () => {
    const told = await put(weighing(1), { 'content-type': 'application/x-www-form-urlencoded' })
    expect(told.status).toBe(200)
  })

  it('keeps author and message in any script', async () => {
    const query = new URLSearchParams({ author: 'Zoë', message: 'größer 🚦' }).toString()
    await ask(`/v1/config?${query}`, { method: 'PUT', body: '{}' })
    const { items } = (await ask('/v1/revisions')).json
    expect(items).toMatchObject([{ author: 'Zoë', message: 'größer 🚦' }])
  })

  it('goes ahead only on the expected revision', async () => {
    await put(weighing(1))
    const stale = await put(weighing(2), { 'if-match': '"7"' })
    expect([stale.status, stale.headers.get('etag')]).toEqual([412, '"1"'])
    expect(stale.json).toMatchObject({ reason: 'revision-mismatch', revision: 1 })
    expect((await put(weighing(2), { 'if-match': 'W/"1"' })).status).toBe(412)
    expect((await put(weighing(2), { 'if-match': '"x"' })).status).toBe(412)
    expect((await put(weighing(2), { 'if-match': '"0"' })).status).toBe(412)
    expect((await put(weighing(2), { 'if-match': '"3", "1"' })).status).toBe(200)
    expect((await put(weighing(3), { 'if-match': '*' })).status).toBe(200)
  })

  it('can be for the first time only', async () => {
    expect((await put(weighing(1), { 'if-match': '*' })).status).toBe(412)
    expect((await put(weighing(1), { 'if-none-match': '*' })).status).toBe(200)
    expect((await put(weighing(2), { 'if-none-match': '*' })).status).toBe(412)
    expect((await put(weighing(2), { 'if-none-match': '"1"' })).status).toBe(400)
  })

  it('that is repeated after a lost answer is told the same', async () => {
    await put(weighing(1))
    const first = await put(weighing(2), { 'if-match': '"1"' })
    const again = await put(weighing(2), { 'if-match': '"1"' })
    expect([first.json.outcome, again.json.outcome]).toEqual(['accepted', 'unchanged'])
    expect([again.status, again.headers.get('etag')]).toEqual([200, '"2"'])
  })

  it('tells every error with its path and its cure', async () => {
    const told = await put({
      rutes: {},
      pools: { us: { origins: { 'us-1': { url: 'ftp://x' } } } },
    })
    expect(told.status).toBe(422)
    expect(told.json).toMatchObject({ reason: 'invalid-configuration', status: 422 })
    const paths = told.json.problems.map(({ path }: { path: string }) => path)
    expect(paths).toContain('/pools/us/origins/us-1/url')
    for (const problem of told.json.problems) {
      expect(problem).toEqual({
        severity: 'error',
        path: expect.any(String),
        message: expect.any(String),
        cure: expect.any(String),
      })
    }
  })

  it('tries a change out when asked to', async () => {
    await put(weighing(1))
    const dry = { method: 'PUT', body: JSON.stringify(weighing(2)) }
    const told = await ask('/v1/config?dryRun=true', dry)
    expect(told.status).toBe(200)
    expect(told.json).toMatchObject({ outcome: 'accepted', dryRun: true, published: false })
    expect(told.headers.get('etag')).toBeNull()
    expect(told.json.diff).toEqual([{ path: '/pools/us/origins/us-1/weight', before: 1, after: 2 }])
    expect((await ask('/v1/config')).json).toEqual(weighing(1))
    const bad = await ask('/v1/config?dryRun=true', { method: 'PUT', body: '{"a":1}' })
    expect(bad.status).toBe(422)
  })

  it('refuses a parameter that it does not know: a misspelt dry run must not be real', async () => {
    for (const query of [
      'dryrun=true',
      'dryRun=yes',
      'dryRun',
      'dry_run=1',
      'dryRun=true&dryRun=false',
      'author=' + 'x'.repeat(129),
    ]) {
      const told = await ask(`/v1/config?${query}`, { method: 'PUT', body: '{}' })
      expect([query, told.status]).toEqual([query, 400])
    }
    expect((await ask('/v1/config')).status).toBe(404)
  })
})

describe('a body that is no configuration', () => {
  it('is told where its syntax breaks', async () => {
    const body = '{\n  "pools": {,\n}'
    const told = await ask('/v1/config', { method: 'PUT', body })
    expect(told.status).toBe(400)
    expect(told.json.reason).toBe('invalid-syntax')
    expect(told.json.problems[0]).toMatchObject({ line: 2, column: 13 })
    expect(told.json.detail).toMatch(/^line 2, column 13: /)
  })

  it('is refused when a name is given twice in one object', async () => {
    const body = '{\n  "pools": {},\n  "pools": {}\n}'
    const told = await ask('/v1/config', { method: 'PUT', body })
    expect(told.json.problems).toEqual([
      {
        severity: 'error',
        path: '',
        message: 'line 3, column 3: "pools" is given twice in one object',
        cure: expect.any(String),
        line: 3,
        column: 3,
      },
    ])
  })

  it('is not answered at the length of its names', async () => {
    const name = 'x'.repeat(100_000)
    const body = `{"${name}":1,"${name}":1}`
    const told = await ask('/v1/config', { method: 'PUT', body })
    expect(told.json.detail).toContain(`"${'x'.repeat(64)}…" is given twice`)
    expect(told.text.length).toBeLessThan(1000)
  })

  it('is refused with a status of its own, never with a 500', async () => {
    const deep = '['.repeat(200_000)
    const nested = '{"a":'.repeat(70) + '1' + '}'.repeat(70)
    const cases: readonly (readonly [BodyInit, number])[] = [
      ['', 400],
      [' ', 400],
      ['// nothing', 400],
      ['nonsense', 400],
      ['{"a":1', 400],
      ['{} {}', 400],
      ['{"a":"\u0001"}', 400],
      ["{'a':1}", 400],
      [deep, 400],
      [nested, 400],
      ['x'.repeat(1_000_000), 400],
      ['\0'.repeat(1000), 400],
      [new Uint8Array([0xff, 0xfe, 0x00]), 400],
      [new Uint8Array([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), 400],
      ['null', 422],
      ['[]', 422],
      ['1e999', 422],
      ['"text"', 422],
      ['{"__proto__":{"pools":{}}}', 400],
      ['{"constructor":{}}', 422],
      ['{"pools":{"__proto__":{"origins":{}}}}', 400],
      ['{"pools":{"us":{"origins":{"us-1":{"url":"https://a","weight":1e999}}}}}', 422],
    ]
    const statuses: unknown[] = []
    for (const [body] of cases) {
      statuses.push((await ask('/v1/config', { method: 'PUT', body })).status)
    }
    expect(statuses).toEqual(cases.map(([, status]) => status))
  })

  it('is refused above the limit, with and without a length in front', async () => {
    const large = ' '.repeat(CONFIG_LIMITS.bytes + 1)
    const told = await ask('/v1/config', { method: 'PUT', body: large })
    expect([told.status, told.json.reason]).toEqual([413, 'too-large'])
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1
        controller.enqueue(new Uint8Array(65_536).fill(32))
      },
    })
    expect((await ask('/v1/config', { method: 'PUT', body: endless })).status).toBe(413)
    expect(sent).toBeLessThan(CONFIG_LIMITS.bytes / 65_536 + 20)
  })

  it('is not decoded', async () => {
    const told = await put({}, { 'content-encoding': 'gzip' })
    expect([told.status, told.json.reason]).toEqual([415, 'unsupported-encoding'])
  })
})

it('takes a configuration of five megabytes', async () => {
  const routes = Object.fromEntries(
    Array.from({ length: 5000 }, (_, at) => [
      `route-${at}`,
      { match: { path: `/${at}/*` }, respond: { status: 200, body: 'x'.repeat(1000) } },
    ]),
  )
  const told = await put({ routes })
  expect(told.json).toMatchObject({ outcome: 'accepted', revision: 1, published: true })
  expect(told.json.diff).toHaveLength(200)
  expect((await ask('/v1/config')).json).toEqual({ routes })
})
