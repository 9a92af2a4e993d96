import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runApply } from '../../cli/apply.ts'
import { runCheck } from '../../cli/check.ts'
import { runExplain } from '../../cli/explain.ts'
import type { Explanation } from '../../src/schema/explanation.ts'
import { run, temporaryFolder, write } from './process.ts'

const folder = temporaryFolder()
const QUIET = '--disable-warning=ExperimentalWarning'
const geo = fileURLToPath(new URL('../../examples/geo.jsonc', import.meta.url))
const content = fileURLToPath(new URL('../../examples/content.jsonc', import.meta.url))
const affinity = fileURLToPath(new URL('../../examples/affinity.jsonc', import.meta.url))
const split = fileURLToPath(new URL('../../examples/read-write-split.jsonc', import.meta.url))

describe('portolan check', () => {
  it('counts what is there when nothing is wrong', () => {
    expect(runCheck([geo])).toEqual({
      code: 0,
      lines: [`${geo}: no errors (1 route, 5 pools, 5 origins)`],
    })
  })

  it('tells each problem with place, pointer and cure', () => {
    const file = write(
      folder,
      'wrong.jsonc',
      '{ "routes": {\n  "a": { "steer": { "policy": "failover", "pools": ["x"] } },\n  "b": { "steer": { "policy": "hash", "pools": { "y": 1 } } } } }',
    )
    expect(runCheck([file])).toEqual({
      code: 1,
      lines: [
        `${file}:2:52: /routes/a/steer/pools/x: there is no pool "x" (cure: define "x" under "pools", or correct the name)`,
        `${file}:3:55: /routes/b/steer/pools/y: there is no pool "y" (cure: define "y" under "pools", or correct the name)`,
      ],
    })
  })

  it('warns of what is without effect, and lets it pass', () => {
    const records =
      '"a": { "provider": "p", "zone": "x.y", "name": "a.x.y", "type": "A", "route": "r" }'
    const route = '"r": { "match": { "path": "/" }, "respond": { "status": 200 } }'
    const text = `{ "routes": { ${route} }, "dns": { "records": { ${records} } } }`
    const file = write(folder, 'planned.jsonc', text)
    const { code, lines } = runCheck([file])
    expect(code).toBe(0)
    expect(lines[0]).toMatch(
      /planned\.jsonc:1:\d+: \/dns\/records: there are records, but no provider/,
    )
  })

  it.each([[[]], [['a', 'b']], [['--all']]])('answers %j with its usage', (args) => {
    const { code, lines } = runCheck(args)
    expect([code, lines.at(-1)]).toEqual([1, expect.stringContaining('portolan check FILE')])
  })
})

describe('portolan explain', () => {
  it('tells in words where a request would go', () => {
    const args = [geo, '--url', 'https://www.example.com/a', '--country', 'GB', '--continent', 'EU']
    const { code, lines } = runExplain(args)
    expect(code).toBe(0)
    expect(lines[0]).toBe('GET https://www.example.com/a takes route site.')
    expect(lines.at(-1)).toBe('It is sent to lhr-1, then fra-1, then iad-1.')
  })

  it('takes headers, cookies, query and method as the edge would', () => {
    const file = write(
      folder,
      'conditions.jsonc',
      `{ "routes": { "all": { "respond": {}, "match": { "methods": ["PATCH"], "headers": { "x-a": "1" },
        "cookies": { "c": "first" }, "query": { "q": "x y" }, "userAgent": ["phone"] } } } }`,
    )
    const headers = ['X-A: 1', 'Cookie: d=0; c="first"; c=second', 'User-Agent: Some Phone']
    const options = headers.flatMap((header) => ['--header', header])
    const url = 'https://a.example/?q=x%20y&q=z'
    const { lines } = runExplain([file, '--url', url, '--method', 'patch', ...options])
    expect(lines.at(-1)).toBe('The router answers 200 itself.')
  })

  it('takes where its client is bound, and since when, as affinity would know it', () => {
    const url = ['--url', 'https://shop.example.com/']
    const kept = runExplain([affinity, ...url, '--bond', 'iad-2', '--bound-ago', '3h'])
    expect(kept.lines).toContain(
      'Affinity goes by a cookie: its client is bound to iad-2, and stays.',
    )
    const { lines } = runExplain([
      affinity,
      ...url,
      '--bond',
      'iad-2',
      '--bound-ago',
      '3h',
      '--json',
    ])
    const { affinity: told } = JSON.parse(lines.join('\n')) as Explanation
    expect(Math.abs(Date.now() - 10_800_000 - (told?.boundAtMs ?? 0))).toBeLessThan(60_000)
  })

  it('takes that its client has just written', () => {
    const { lines } = runExplain([split, '--url', 'https://www.example.com/', '--wrote'])
    expect(lines.at(-1)).toBe('It is sent to iad-1, then iad-2, then fra-1.')
  })

  it('gives the whole explanation as JSON', () => {
    const { lines } = runExplain([content, '--url', 'http://a.example/api/x', '--json'])
    expect(JSON.parse(lines.join('\n'))).toMatchObject({ decision: 'steer', route: 'api' })
  })

  it.each([
    [['--url', '/path'], '--url takes an absolute URL, such as https://www.example.com/path'],
    [['--url', 'ftp://a.example/'], 'scheme: '],
    [
      ['--url', 'http://a.example', '--header', 'nonsense'],
      '--header takes "name: value", not "nonsense"',
    ],
    [['--url', 'http://a.example', '--ip', '1.2.3'], 'client.ip: '],
    [['--url', 'http://a.example', '--lat', '91', '--lon', '0'], 'client.location.latitude: '],
    [['--url', 'http://a.example', '--asn', 'x'], 'client.asn: '],
    [['--url', 'http://a.example', '--bond', 'A b'], 'bond.origin: '],
    [
      ['--url', 'http://a.example', '--bond', 'a', '--bound-ago', '3x'],
      '--bound-ago takes a time like 90s, not "3x"',
    ],
    [
      ['--url', 'http://a.example', '--bound-ago', '3h'],
      '--bound-ago says when a client was bound',
    ],
  ])('says what is wrong with %j', (args, line) => {
    const { code, lines } = runExplain([geo, ...args])
    expect([code, lines[0]]).toEqual([1, expect.stringContaining(line)])
  })
})

describe('portolan apply', () => {
  const seen: unknown[] = []
  let server: Server
  let url: string
  let answer = { status: 200, body: {} as unknown }

  beforeAll(async () => {
    server = createServer((request, response) => {
      void readText(request).then((sent) => {
        seen.push([request.method, request.url, request.headers.authorization, JSON.parse(sent)])
        response.writeHead(answer.status).end(JSON.stringify(answer.body))
        return sent
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.close())

  const file = write(folder, 'apply.jsonc', '{ "routes": {} } // empty')

  it('sends the file, and shows what it changes', async () => {
    answer = {
      status: 200,
      body: {
        outcome: 'accepted',
        revision: 7,
        diff: [
          { path: '/routes/a/priority', before: 1, after: 2 },
          { path: '/routes/b', before: {} },
          { path: '/settings/name', after: 'edge' },
        ],
      },
    }
    expect(await runApply([file, '--to', url, '--token', 't'])).toEqual({
      code: 0,
      lines: [
        '~ /routes/a/priority: 1 -> 2',
        '- /routes/b: {}',
        '+ /settings/name: "edge"',
        'this is revision 7',
      ],
    })
    expect(seen.at(-1)).toEqual(['PUT', '/_portolan/v1/config', 'Bearer t', { routes: {} }])
  })

  it('only asks with --dry-run, under a prefix of its own', async () => {
    const { lines } = await runApply([file, '--to', `${url}/ops/`, '--token', 't', '--dry-run'])
    expect(lines.at(-1)).toBe('this would be revision 7')
    expect(seen.at(-1)).toEqual(['PUT', '/ops/v1/config?dryRun=true', 'Bearer t', { routes: {} }])
  })

  it('tells why a configuration was refused', async () => {
    const problems = [
      { severity: 'error', path: '/routes', message: 'too many', cure: 'write fewer' },
    ]
    answer = { status: 422, body: { title: 'The configuration has errors', detail: 'x', problems } }
    expect(await runApply([file, '--to', url, '--token', 't'])).toEqual({
      code: 1,
      lines: [
        `${url}/_portolan answered 422. The configuration has errors`,
        '/routes: too many (cure: write fewer)',
      ],
    })
  })

  it('is not taken in by another server', async () => {
    answer = { status: 200, body: { hello: 'world' } }
    const { code, lines } = await runApply([file, '--to', url, '--token', 't'])
    expect([code, lines]).toEqual([
      1,
      [`${url}/_portolan answered 200, and not as the admin API of Portolan would`],
    ])
  })

  it('says when nobody is there', async () => {
    const { code, lines } = await runApply([file, '--to', 'http://127.0.0.1:1', '--token', 't'])
    expect([code, lines[0]]).toEqual([
      1,
      expect.stringMatching(
        /^http:\/\/127\.0\.0\.1:1\/_portolan cannot be reached: .*ECONNREFUSED/,
      ),
    ])
  })

  it.each([
    [['--token', 't'], '--to takes the URL of the router'],
    [['--to', 'router', '--token', 't'], '--to takes the URL of the router'],
    [['--to', 'http://127.0.0.1:1'], '--token is missing'],
  ])('asks for what is missing in %j', async (args, line) => {
    const { code, lines } = await runApply([file, ...args])
    expect([code, lines[0]]).toEqual([1, expect.stringContaining(line)])
  })
})

describe('the command line', () => {
  it.each([
    [['check', geo], 0, 'no errors'],
    [['check', 'none.jsonc'], 1, 'none.jsonc: no such file'],
    [['--help'], 0, 'portolan apply FILE'],
    [['sail'], 1, 'there is no command "sail"'],
  ])('%j ends with %i', async (args, code, text) => {
    const ran = run(process.execPath, [QUIET, 'cli/portolan.ts', ...args])
    expect(await ran.ended).toBe(code)
    expect(ran.output).toContain(text)
  })
})
