import { inject, onTestFinished } from 'vitest'
import { type Runtime, startRuntime } from '../../cli/runtime.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { type Answer, type HeaderLines, type Received, type Sent, open, send } from './client.ts'
import type { ObservedReport, Place, PlaceMode } from './observed-worker.ts'
import { until } from './until.ts'

/** The secret with which the tests speak to the admin API. */
export const ADMIN_TOKEN = 'a-token-for-the-tests'

/** How a router under test is made. */
export interface RouterOptions {
  /** `observed` counts what the Worker asks of its bindings and can take them away. */
  readonly worker?: 'plain' | 'observed'
  /** Whether the header `portolan-facts` stands for what the edge would know. */
  readonly local?: 'on' | 'off'
  /** Secrets of the Worker, as `wrangler secret put` sets them. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Where the objects keep their state, for a router that another one takes over from. */
  readonly stateDir?: string
}

/** The built Worker in the real runtime, deciding by one configuration. */
export interface Router {
  readonly url: string
  readonly runtime: Runtime
  /** Sends a request for a URL of any host: the connection goes to the router, the host into `Host`. */
  send(url: string, sent?: Sent): Promise<Received>
  /** As `send`, up to the head of the answer. */
  open(url: string, sent?: Sent): Promise<Answer>
  /** Calls the admin API with the token. */
  admin(method: string, path: string, body?: unknown): Promise<Received>
  /** What the isolate says of itself. */
  status(): Promise<RouterStatus>
}

/** `GET /_portolan/status`, as far as tests read it. */
export interface RouterStatus {
  readonly revision: number
  readonly generation: number
  readonly isolate: Readonly<Record<string, number>> & {
    readonly reports: {
      readonly id?: string
      readonly sent: number
      readonly unanswered: number
      readonly untold: number
    }
    readonly limits: Readonly<Record<'rateLimited' | 'tooManyAtOnce', number>>
    readonly affinity: Readonly<Record<string, number>>
    readonly sessions: Readonly<Record<'known' | 'unreachable' | 'corrected' | 'batches', number>>
    readonly mirrors: { readonly sent: number; readonly failed: number; readonly skipped: number }
  }
  readonly origins: readonly {
    readonly origin: string
    readonly requests: number
    readonly failures: number
    readonly ejections: number
    readonly inFlight: number
    readonly ejectedForMs?: number
    readonly cause?: string
    readonly circuit: 'closed' | 'open' | 'half-open'
    readonly unreported: number
  }[]
  readonly shedding?: readonly {
    readonly pool: string
    readonly byItself?: {
      readonly sheddablePercent: number
      readonly defaultPercent: number
      readonly why: string
    }
    readonly byHand?: { readonly newPercent: number; readonly sessionPercent: number }
  }[]
}

/** What the Worker asked of its bindings since it began. Only of an observed router. */
export interface Observed {
  readonly controlCalls: number
  readonly storeReads: number
  readonly storeWrites: number
  /** Calls to shards of sessions, by method. */
  readonly sessionCalls: Readonly<Record<string, number>>
  readonly limiterCalls: number
  readonly coloReads: number
  readonly kvReads: number
  readonly kvWrites: number
  readonly reports: readonly ObservedReport[]
  /** By origin, why the second isolate gives it nothing, by its snapshot; empty where it may serve. */
  readonly second: Readonly<Record<string, string>>
}

/**
 * Starts a router for one test, configures it through its admin API, and waits until it is ready. It ends with
 * the test.
 */
export async function startRouter(
  config: AuthoredConfig,
  options: RouterOptions = {},
): Promise<Router> {
  const router = await startBareRouter(options)
  await configure(router, config)
  return router
}

/** As `startRouter`, without a configuration. */
export async function startBareRouter(options: RouterOptions = {}): Promise<Router> {
  const router = await openRouter(options)
  onTestFinished(() => router.runtime.dispose())
  return router
}

/** Puts a configuration into force in a router that has none, and waits until it is ready. */
export async function configure(router: Router, config: AuthoredConfig): Promise<void> {
  await putConfig(router, config)
  await until(async () => (await router.send('/_portolan/health/ready')).status === 200)
}

/** Gives a router a configuration, which it has to accept. */
export async function putConfig(router: Router, config: AuthoredConfig): Promise<Received> {
  const put = await router.admin('PUT', '/_portolan/v1/config', config)
  if (put.status !== 200) throw new Error(`the configuration was refused: ${put.text}`)
  return put
}

/** Starts a router, without a configuration, that its caller ends. */
export async function openRouter({
  worker,
  local,
  secrets,
  stateDir,
}: RouterOptions = {}): Promise<Router> {
  const built = inject('builtWorker')
  const runtime = await startRuntime({
    host: '127.0.0.1',
    port: 0,
    module: built[worker ?? 'plain'],
    deployment: built.deployment,
    ...(stateDir !== undefined && { stateDir }),
    bindings: {
      PORTOLAN_ADMIN_TOKEN: ADMIN_TOKEN,
      ...(local === 'on' && { PORTOLAN_LOCAL: 'true' }),
      ...secrets,
    },
  })
  const sending = (sent: Sent): Promise<Received> => send(runtime.url, sent)
  return {
    url: runtime.url.origin,
    runtime,
    send: (url, sent) => sending(toSent(url, sent)),
    open: (url, sent) => open(runtime.url, toSent(url, sent)),
    admin: (method, path, body) =>
      sending({
        method,
        target: path,
        headers: [
          ['Authorization', `Bearer ${ADMIN_TOKEN}`],
          ['Content-Type', 'application/json'],
        ],
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    async status() {
      const { text } = await sending({
        target: '/_portolan/status',
        headers: [['Authorization', `Bearer ${ADMIN_TOKEN}`]],
      })
      return JSON.parse(text) as RouterStatus
    },
  }
}

/** What an observed router has asked of its bindings; sets how they behave from now on, where given. */
export async function observe(
  router: Router,
  modes: Partial<Record<Place, PlaceMode>> = {},
): Promise<Observed> {
  const query = new URLSearchParams(modes).toString()
  const { text } = await router.send(`/_rig?${query}`)
  return JSON.parse(text) as Observed
}

/** The headers by which the edge, and nobody else, tells the Worker of a client. */
export function fromEdge(ip: string, cf: Readonly<Record<string, unknown>> = {}): HeaderLines {
  return [
    ['CF-Connecting-IP', ip],
    // The name by which the local runtime reads `request.cf`; it never reaches the Worker as a header.
    ['MF-CF-Blob', JSON.stringify(cf)],
  ]
}

function toSent(url: string, sent: Sent = {}): Sent {
  const { host, pathname, search } = new URL(url, 'http://www.example.com')
  const given = sent.headers ?? []
  const hasHost = given.some(([name]) => name.toLowerCase() === 'host')
  const headers: HeaderLines = hasHost ? given : [['Host', host], ...given]
  return { target: `${pathname}${search}`, ...sent, headers }
}
