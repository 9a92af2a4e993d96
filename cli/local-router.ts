import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { stop as stopBundler } from 'esbuild'
import type { Config } from '../src/schema/config.ts'
import { LONGEST_SETTLE_MS, putConfig, settleRevision } from './admin-client.ts'
import { describeProblem } from './config-file.ts'
import { everyMinute } from './cron.ts'
import { readDeployment } from './deployment.ts'
import { describeTaken } from './port.ts'
import { AddressInUseError, startRuntime } from './runtime.ts'
import type { Runtime } from './runtime.ts'
import type { AdminSeat, StateDir } from './state-dir.ts'

/** How a router on this machine is to run. */
export interface LocalOptions {
  readonly port: number
  readonly token: string
  /** By the name of their binding. */
  readonly secrets: Readonly<Record<string, string>>
  readonly state: StateDir
  readonly say: (line: string) => void
}

/** What became of a configuration: its revision, or what is wrong, one line per problem. */
export type Applied =
  | {
      readonly ok: true
      readonly revision: number
      readonly isNew: boolean
      /** When the router decides by it: at once on its first start, otherwise some seconds later. */
      readonly inForce: Promise<void>
    }
  | { readonly ok: false; readonly errors: readonly string[] }

/** A router on this machine, and the way to configure it. */
export interface LocalRouter {
  readonly url: string
  /** Sends a configuration through the admin API. */
  readonly apply: (authored: unknown, config: Config) => Promise<Applied>
  stop(): Promise<void>
}

/** The only cron that can be fired without a calendar, and the only one that Portolan asks for. */
const EVERY_MINUTE = '* * * * *'

/** A router that runs; or in a line why there is none. */
export type StartedRouter =
  | { readonly ok: true; readonly router: LocalRouter }
  | { readonly ok: false; readonly error: string }

/** Runs the Worker in the real runtime, its state kept and its cron fired. */
export async function startLocalRouter(options: LocalOptions): Promise<StartedRouter> {
  const { port, token, secrets, state, say } = options
  const deployment = readDeployment()
  let runtime: Runtime
  try {
    runtime = await startRuntime({
      host: '127.0.0.1',
      port,
      stateDir: state.runtimeDir,
      bindings: { ...secrets, PORTOLAN_ADMIN_TOKEN: token, PORTOLAN_LOCAL: 'true' },
      deployment,
      onLog: (_level, message) => say(message),
    })
  } catch (error) {
    if (error instanceof AddressInUseError) return { ok: false, error: describeTaken(port) }
    throw error
  } finally {
    // The bundler runs as a process of its own, and there is nothing more to bundle.
    await stopBundler()
  }
  const stopCron = everyMinute(() => {
    if (!deployment.triggers.crons.includes(EVERY_MINUTE)) return
    runtime.fireCron(EVERY_MINUTE).catch((error: unknown) => say(`cron: ${String(error)}`))
  })
  const stop = async () => {
    stopCron()
    await runtime.dispose()
  }
  const url = runtime.url.origin
  return { ok: true, router: { url, apply: createApply(url, token, state), stop } }
}

function createApply(url: string, token: string, state: StateDir): LocalRouter['apply'] {
  return async (authored, { settings }) => {
    const seat = state.readSeat()
    const api = { url: `${url}${seat.prefix}`, token, host: seat.adminHost }
    const answer = await putConfig(api, authored, 'apply')
    if (!answer.ok)
      return { ok: false, errors: [answer.error, ...answer.problems.map(describeProblem)] }
    const { revision, outcome } = answer.applied
    const next = toSeat(settings)
    state.writeSeat(next)
    // Where the admin API moves, asking for it at its old place would show the token to an origin.
    const hasMoved = !isDeepStrictEqual(seat, next)
    const inForce = hasMoved ? sleep(LONGEST_SETTLE_MS) : settleRevision(api, revision)
    return { ok: true, revision, isNew: outcome === 'accepted', inForce }
  }
}

function toSeat({ prefix, adminHost }: Config['settings']): AdminSeat {
  return { prefix, ...(adminHost !== undefined && { adminHost }) }
}
