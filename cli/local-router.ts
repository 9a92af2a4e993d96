import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../src/schema/config.ts'
import { putConfig, settleRevision } from './admin-client.ts'
import type { PutAnswer } from './admin-client.ts'
import { everyMinute } from './cron.ts'
import { readDeployment } from './deployment.ts'
import { startRuntime } from './runtime.ts'
import type { AdminSeat, StateDir } from './state-dir.ts'

/** How a router on this machine is to run. */
export interface LocalOptions {
  readonly port: number
  readonly token: string
  readonly state: StateDir
  readonly say: (line: string) => void
}

/** A router on this machine, and the way to configure it. */
export interface LocalRouter {
  readonly url: string
  /** Sends a configuration through the admin API, and waits until the router decides by it (some seconds). */
  apply(authored: unknown, config: Config): Promise<PutAnswer>
  stop(): Promise<void>
}

/** The only cron that can be fired without a calendar, and the only one that Portolan asks for. */
const EVERY_MINUTE = '* * * * *'

/** Runs the Worker in the real runtime, its state kept and its cron fired. Rejects as `startRuntime` does. */
export async function startLocalRouter(options: LocalOptions): Promise<LocalRouter> {
  const { port, token, state, say } = options
  const deployment = readDeployment()
  const runtime = await startRuntime({
    host: '127.0.0.1',
    port,
    stateDir: state.runtimeDir,
    bindings: { PORTOLAN_ADMIN_TOKEN: token, PORTOLAN_LOCAL: 'true' },
    deployment,
    onLog: (_level, message) => say(message),
  })
  const url = runtime.url.origin
  const stopCron = everyMinute(() => {
    if (!deployment.triggers.crons.includes(EVERY_MINUTE)) return
    runtime.fireCron(EVERY_MINUTE).catch((error: unknown) => say(`cron: ${String(error)}`))
  })
  return {
    url,
    async apply(authored, { settings }) {
      const seat = state.readSeat()
      const api = { url: `${url}${seat.prefix}`, token, host: seat.adminHost }
      const answer = await putConfig(api, authored, 'apply')
      if (!answer.ok) return answer
      const next = toSeat(settings)
      state.writeSeat(next)
      // Where the admin API moves, asking for it at its old place would show the token to an origin.
      if (isDeepStrictEqual(seat, next)) await settleRevision(api, answer.applied.revision)
      return answer
    },
    async stop() {
      stopCron()
      await runtime.dispose()
    },
  }
}

function toSeat({ prefix, adminHost }: Config['settings']): AdminSeat {
  return { prefix, ...(adminHost !== undefined && { adminHost }) }
}
