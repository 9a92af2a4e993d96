import type { Monitor } from '../../src/schema/monitor.ts'
import type { ProbeTarget } from '../../src/schema/probe-plan.ts'

/** One probe as it is sent. */
export interface ProbeRequest {
  readonly type: 'http' | 'https' | 'tcp'
  readonly hostname: string
  readonly port: number
  readonly method: Monitor['method']
  readonly path: string
  /** The Host to name, where it is not that of the address. */
  readonly host: string | undefined
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Values that no detail may show. */
  readonly secrets: readonly string[]
  readonly timeoutMs: number
  /** Whether this is the local runtime, which may connect to any address. */
  readonly isLocal: boolean
  readonly expect: Monitor['expect']
}

/** A request, or why there is none. */
export type PreparedProbe =
  | { readonly ok: true; readonly request: ProbeRequest }
  | { readonly ok: false; readonly detail: string }

/** How the prober names itself, unless the monitor says otherwise. */
const USER_AGENT = 'Portolan-Prober'

const USUAL_PORTS = { http: 80, https: 443 } as const

/** Puts together what a monitor sends to an origin; secrets come from the bindings. */
export function toProbeRequest(
  { url, host, headers }: Pick<ProbeTarget, 'url' | 'host' | 'headers'>,
  monitor: Monitor,
  bindings: object,
): PreparedProbe {
  const { hostname, protocol, port } = new URL(url)
  const scheme = protocol === 'https:' ? 'https' : 'http'
  const type = monitor.type ?? scheme
  const usual = USUAL_PORTS[type === 'tcp' ? scheme : type]
  const secrets: string[] = []
  const sent = new Map<string, string>([['user-agent', USER_AGENT], ...Object.entries(headers)])
  for (const [name, value] of Object.entries(monitor.headers)) {
    const text = typeof value === 'string' ? value : readSecret(bindings, value.secret)
    if (text === undefined) return { ok: false, detail: missing(value) }
    if (typeof value !== 'string') secrets.push(text)
    sent.set(name, text)
  }
  const named = monitor.host ?? host
  const request: ProbeRequest = {
    type,
    hostname,
    port: monitor.port ?? (port === '' ? usual : Number(port)),
    method: monitor.method,
    path: monitor.path,
    host: named === hostname ? undefined : named,
    headers: [...sent],
    secrets,
    timeoutMs: monitor.timeout,
    isLocal: Reflect.get(bindings, 'PORTOLAN_LOCAL') === 'true',
    expect: monitor.expect,
  }
  return { ok: true, request }
}

/** Undefined where it is not there, empty, or nothing that a header could carry. */
function readSecret(bindings: object, name: string): string | undefined {
  const value: unknown = Reflect.get(bindings, name)
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  return /^[\t\x20-\x7e]+$/.test(text) ? text : undefined
}

function missing(value: Monitor['headers'][string]): string {
  const name = typeof value === 'string' ? '' : value.secret
  return `no secret "${name}" that a header could carry: set it with "wrangler secret put ${name}"`
}
