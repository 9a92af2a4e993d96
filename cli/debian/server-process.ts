import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { chown, mkdtemp, readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from './program.ts'

/** A server that runs for as long as this process wants it, and never longer than this process. */
export interface ServerProcess {
  readonly pid: number
  /** What it has logged. */
  log(): string
  /** Ends it at once, and removes its folder: it keeps nothing that anybody needs. */
  stop(): Promise<void>
}

/** How to run a server. */
export interface ServerPlan {
  readonly program: string
  /** Puts its files in the folder, which is empty, and gives its arguments. */
  prepare(folder: string): Promise<readonly string[]>
  /** What it logs when it serves. */
  readonly serving: RegExp
  /** Whether it gives up the rights of root, where this process has them. */
  readonly isPlainUser?: boolean
}

/** Debian's `nobody` and `nogroup`. */
const NOBODY = 65_534

const START_TIMEOUT_MS = 15_000
const LOG_LIMIT = 200_000
const ATTEMPTS = 5

/** A free port is found and then used: another process may take it in between. Some servers then run on without it. */
const TAKEN = /address (already )?in use/i

class PortTakenError extends Error {}

/**
 * Runs what `plan` gives for a port that is free for TCP and UDP, and waits until it serves. Rejects with the end of
 * its log when it does not.
 */
export async function startOnFreePort<Server>(
  start: (port: number) => Promise<Server>,
): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await findFreePort())
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === ATTEMPTS) throw error
    }
  }
}

/** Runs one server in a new folder, and waits until it serves. */
export async function startServer(plan: ServerPlan): Promise<ServerProcess> {
  const { program, serving } = plan
  const path = findProgram(program)
  if (path === undefined) throw new Error(`there is no ${program} on this machine`)
  const folder = await mkdtemp(join(tmpdir(), `portolan-${program}-`))
  const args = await plan.prepare(folder)
  const rights = plan.isPlainUser && process.getuid?.() === 0 ? await giveAway(folder) : []
  // The kernel ends it with this process, however that ends.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...rights, '--', path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const clean = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', clean)
  let log = ''
  const ended = once(child, 'close')
  const server: ServerProcess = {
    pid: child.pid ?? 0,
    log: () => log,
    async stop() {
      child.kill('SIGKILL')
      await ended.catch(() => undefined)
      process.off('exit', clean)
      clean()
    },
  }
  const served = new Promise<void>((resolve, reject) => {
    const fail = (what: string) => {
      const Failure = TAKEN.test(log) ? PortTakenError : Error
      reject(new Failure(`${program} ${what}:\n${log.slice(-2000)}`))
    }
    const hear = (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-LOG_LIMIT)
      if (TAKEN.test(log)) fail('found its port taken')
      else if (serving.test(log)) resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('error', (error) => fail(`could not be run (${error.message})`))
    child.once('close', (code, signal) => fail(`ended with ${code ?? signal}`))
    setTimeout(() => fail('did not serve in time'), START_TIMEOUT_MS).unref()
  })
  await served.catch(async (error: unknown) => {
    await server.stop()
    throw error
  })
  return server
}

/** Makes a folder that of nobody; gives the options of `setpriv` for being nobody. */
async function giveAway(folder: string): Promise<readonly string[]> {
  const inside = await readdir(folder, { recursive: true })
  await Promise.all(['', ...inside].map((path) => chown(join(folder, path), NOBODY, NOBODY)))
  return [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
}

/** A port of loopback that is free for both TCP and UDP. */
async function findFreePort(): Promise<number> {
  const tcp = createServer().listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const address = tcp.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const udp = createSocket('udp4').bind(port, '127.0.0.1')
  const isFree = await once(udp, 'listening').then(
    () => true,
    () => false,
  )
  if (isFree) udp.close()
  tcp.close()
  await once(tcp, 'close')
  return isFree ? port : findFreePort()
}
