import type { Config } from '../src/schema/config.ts'
import { putConfig } from './admin-client.ts'
import type { AdminApi, PutAnswer } from './admin-client.ts'
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
  /** Sends a configuration through the admin API, and waits until the router decides by it. */
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
      const api = toApi(url, token, state.readSeat())
      const answer = await putConfig(api, authored, 'apply')
      if (answer.ok) state.writeSeat(toSeat(settings))
      return answer
    },
    async stop() {
      stopCron()
      await runtime.dispose()
    },
  }
}

function toApi(url: string, token: string, { prefix, adminHost }: AdminSeat): AdminApi {
  return { url: `${url}${prefix}`, token, host: adminHost }
}

function toSeat({ prefix, adminHost }: Config['settings']): AdminSeat {
  return { prefix, ...(adminHost !== undefined && { adminHost }) }
}
