import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  aliveAmong,
  bannerLine,
  descendantsOf,
  run,
  start,
  temporaryFolder,
  write,
} from '../cli/process.ts'
import type { Started } from '../cli/process.ts'

const folder = temporaryFolder()
const LAST_LINE = 'Worth trying'
const PATIENCE = { timeout: 20_000 }
/** After 1.5 s it ends whatever has not: the rest is for a busy machine. */
const LONGEST_MS = 10_000
/** Probers agree within 10 s on a region that fell, and sooner on one that is back. */
const VERDICT = { timeout: 20_000, interval: 500 }

function inShell(line: string): string {
  return execFileSync('sh', ['-c', line], { encoding: 'utf8' })
}

function respond(body: string): string {
  return `{ // One route.\n  "routes": { "hello": { "respond": { "body": "${body}" } } }\n}\n`
}

/** Ends the demo with the signal while a client hangs on: the processes that it had begun, and how it ended. */
async function end(router: Started, signal: NodeJS.Signals) {
  const events = await fetch(`${bannerLine(router.output, 'router')}/events`)
  const children = descendantsOf(router.pid)
  const begunMs = Date.now()
  const code = await router.stop(signal)
  const tookMs = Date.now() - begunMs
  return { children, code, tookMs, letGo: () => events.body?.cancel().catch(() => undefined) }
}

// All of its tests look at one, which the last of them ends.
describe('npm start, the demo', () => {
  let router: Started
  let url: string

  beforeAll(async () => {
    router = start('--port', '0', '--state', join(folder, 'demo'))
    await router.until(LAST_LINE)
    await router.until('/v1/pools/eu')
    url = bannerLine(router.output, 'router')
  })
  afterAll(() => router.stop())

  it('says where everything is', () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(bannerLine(router.output, 'admin API')).toBe(`${url}/_portolan/v1`)
    expect(bannerLine(router.output, 'token')).toMatch(/^[\w-]{32}$/)
    expect(bannerLine(router.output, 'state')).toBe(`${join(folder, 'demo')} (revision 1)`)
    expect(router.output).toMatch(/us-1 +http:\/\/127\.0\.0\.1:\d+ +Ashburn/)
  })

  it('opens the admin API with the token that it prints', async () => {
    const token = bannerLine(router.output, 'token')
    const config = `${bannerLine(router.output, 'admin API')}/config`
    const opened = await fetch(config, { headers: { authorization: `Bearer ${token}` } })
    expect([opened.status, opened.headers.get('etag')]).toEqual([200, '"1"'])
    expect((await fetch(config)).status).toBe(401)
  })

  it('takes a configuration from portolan apply', async () => {
    const token = bannerLine(router.output, 'token')
    const args = ['cli/portolan.ts', 'apply', 'examples/beta.jsonc', '--to', url, '--token', token]
    const applying = run(process.execPath, [...args, '--dry-run'])
    expect(await applying.ended).toBe(0)
    expect(applying.output).toContain('- /pools/ap/description: "Singapore"\n')
    expect(applying.output).toContain('+ /routes/beta/steer/policy: "failover"\n')
    expect(applying.output).toContain('this would be revision 2\n')
  })

  it('passes server-sent events on as they come', async () => {
    const controller = new AbortController()
    const response = await fetch(`${url}/events`, { signal: controller.signal })
    const first = await response.body?.getReader().read()
    controller.abort()
    expect(new TextDecoder().decode(first?.value)).toMatch(
      /^id: 1\ndata: \w\w-1 in \w+, event 1\n\n/,
    )
  })

  it('passes a WebSocket through', async () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/socket`)
    const [greeting] = await once(socket, 'message')
    socket.send('ahoy')
    const [echo] = await once(socket, 'message')
    socket.close()
    await once(socket, 'close')
    expect(String(greeting)).toMatch(/^us-1 in Ashburn listens$/)
    expect(String(echo)).toBe('ahoy')
  })

  it('streams a file of any length', async () => {
    const response = await fetch(`${url}/files/large?bytes=10000000`)
    expect((await response.arrayBuffer()).byteLength).toBe(10_000_000)
  })

  // After all that only look: a region falls, and comes back.
  it('prints four lines for the shell that work as they stand', async () => {
    const lines = router.output.split('\n').filter((line) => line.startsWith('    curl '))
    const mended = lines.pop() ?? ''
    const [calls = '', berlin = '', failover = ''] = lines.map(inShell)
    const ids = calls
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id)
    expect(ids).toHaveLength(10)
    expect(['us-1', 'eu-1', 'ap-1']).toEqual(expect.arrayContaining(ids))
    expect(berlin).toBe('eu-1 in Frankfurt answers GET /\n')
    expect(failover).toBe('eu-1: fail\nus-1 in Ashburn answers GET /\n')
    const lookAtPool = mended.replace(/^.*&& /, '')
    await expect.poll(() => inShell(lookAtPool), VERDICT).toContain('"isDown": true')
    expect(inShell(mended)).toMatch(/^eu-1: ok\n\{\n {2}"id": "eu",/)
    await expect.poll(() => inShell(mended), VERDICT).toContain('step 1 of 5 at 10 %')
  }, 60_000)

  it('SIGINT leaves no process behind', async () => {
    const { children, code, tookMs, letGo } = await end(router, 'SIGINT')
    expect(children).toHaveLength(1)
    expect(code).toBe(0)
    // The client that hangs on does not hold it up.
    expect(tookMs).toBeLessThan(LONGEST_MS)
    await expect.poll(() => aliveAmong(children), PATIENCE).toEqual([])
    await letGo()
  })
})

describe('npm start with a configuration', () => {
  const state = join(folder, 'own')
  const file = write(folder, 'own.jsonc', respond('one'))
  let router: Started
  let url: string
  beforeAll(begin)
  afterAll(() => router.stop())

  async function begin(): Promise<void> {
    router = start('--config', file, '--port', '0', '--state', state)
    await router.until('config ')
    url = bannerLine(router.output, 'router')
  }

  it('serves it, and applies it again when the file changes', async () => {
    await router.until('Revision 1 is in force.')
    expect(await (await fetch(url)).text()).toBe('one')
    write(folder, 'own.jsonc', respond('two'))
    await router.until('Revision 2 is in force.')
    expect(await (await fetch(url)).text()).toBe('two')
  })

  it('goes on with what it has when the file goes wrong', async () => {
    write(folder, 'own.jsonc', respond('three').replace('}', ''))
    await router.until('Nothing was applied')
    expect(router.output).toContain(`${file}:4:1: close brace expected`)
    expect(await (await fetch(url)).text()).toBe('two')
    write(folder, 'own.jsonc', respond('two'))
  })

  it('does not share its state directory', async () => {
    const second = start('--config', file, '--port', '0', '--state', state)
    expect(await second.ended).toBe(1)
    expect(second.output).toContain(
      `${state} is in use by process ${router.pid}; stop it, or choose`,
    )
  })

  // The last of them: it ends what the others look at, and begins again.
  it('keeps revisions and token from run to run, and applies only what changed', async () => {
    const before = router.output
    await router.stop()
    await begin()
    expect(bannerLine(router.output, 'state')).toBe(`${state} (revision 2)`)
    expect(bannerLine(router.output, 'token')).toBe(bannerLine(before, 'token'))
    await router.stop()
    write(folder, 'own.jsonc', respond('three'))
    await begin()
    expect(bannerLine(router.output, 'state')).toBe(`${state} (revision 3)`)
  })
})

describe('npm start, when something is in the way', () => {
  const state = ['--state', join(folder, 'way')]
  const taken = createServer()
  let port: string
  beforeAll(async () => {
    await once(taken.listen(0, '127.0.0.1'), 'listening')
    port = String((taken.address() as AddressInfo).port)
  })
  afterAll(() => taken.close())

  it.each([
    ['the demo', []],
    ['a configuration', ['--config', write(folder, 'a.jsonc', respond('a'))]],
  ])('says in one line that the port is taken, for %s', async (_mode, args) => {
    const router = start('--port', port, ...state, ...args)
    expect(await router.ended).toBe(1)
    expect(router.output).toBe(`port ${port} is taken; choose another with --port\n`)
  })

  it.each([
    ['a missing file', join(folder, 'none.jsonc'), /none\.jsonc: no such file\n$/],
    ['a folder', folder, /: is a directory, not a file\n$/],
    [
      'wrong syntax',
      write(folder, 'b.jsonc', '{\n  "routes": [,]\n}'),
      /b\.jsonc:2:14: value expected\n$/,
    ],
    [
      'an unknown setting',
      write(folder, 'c.jsonc', '{ "rutes": {} }'),
      /c\.jsonc:1:1: the whole document: .*"rutes".* \(cure: remove "rutes", or correct the spelling\)\n$/,
    ],
    [
      'a pool that is not there',
      write(
        folder,
        'd.jsonc',
        '{ "routes": { "r": {\n "steer": { "policy": "failover", "pools": ["x"] } } } }',
      ),
      /d\.jsonc:2:\d+: \/routes\/r\/steer\/pools\/x: there is no pool "x" \(cure: .+\)\n$/,
    ],
  ])('tells of %s in one line', async (_what, file, line) => {
    const router = start('--config', file, '--port', '0', ...state)
    expect(await router.ended).toBe(1)
    expect(router.output).toMatch(line)
    expect(router.output.trimEnd().split('\n')).toHaveLength(1)
  })

  it.each([
    [['--prot', '1'], "Unknown option '--prot'"],
    [['--port', 'many'], '--port takes a number from 0 to 65535, not "many"'],
    [['file.jsonc'], "Unexpected argument 'file.jsonc'"],
    [['--token', 'two words'], '--token takes 1 to 256 printable characters without spaces'],
  ])('answers %j with the usage', async (args, line) => {
    const router = start(...args)
    expect(await router.ended).toBe(1)
    expect(router.output.split('\n')[0]).toContain(line)
    expect(router.output).toContain('Usage: npm start [-- options]')
  })

  it('explains itself with --help', async () => {
    const router = start('--help')
    expect(await router.ended).toBe(0)
    expect(router.output).toContain('--config FILE')
  })
})

describe('the end of npm start', () => {
  // SIGINT ends the demo above.
  it.each(['SIGTERM', 'SIGHUP'] as const)('%s leaves no process behind', async (signal) => {
    const router = start('--port', '0', '--state', join(folder, signal))
    await router.until(LAST_LINE)
    const { children, code, tookMs, letGo } = await end(router, signal)
    expect(children).toHaveLength(1)
    expect(code).toBe(0)
    // The client that hangs on does not hold it up.
    expect(tookMs).toBeLessThan(LONGEST_MS)
    await expect.poll(() => aliveAmong(children), PATIENCE).toEqual([])
    await letGo()
  })

  it('ends what it began when it is stopped in the middle of starting', async () => {
    const router = start('--port', '0', '--state', join(folder, 'early'))
    await sleep(700)
    const children = descendantsOf(router.pid)
    await router.stop()
    await expect.poll(() => aliveAmong(children), PATIENCE).toEqual([])
  })

  it('works through npm as well', async () => {
    const router = run('npm', ['start', '--', '--port', '0', '--state', join(folder, 'npm')])
    await router.until(LAST_LINE)
    const children = descendantsOf(router.pid)
    await router.stop('SIGTERM')
    await expect.poll(() => aliveAmong(children), PATIENCE).toEqual([])
  })
})
