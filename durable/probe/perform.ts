import { REPORT_LIMITS } from '../../src/schema/report-limits.ts'
import { isSilence, judge, needsBody } from '../../src/state/prober/expectation.ts'
import { type Deadline, EXPIRED, withDeadline } from '../../src/outbound/deadline.ts'
import { probeByFetch } from './http.ts'
import { probeByName } from './named-http.ts'
import type { ProbeRequest } from './request.ts'
import { type Nothing, type Sight, type Wish, nothing } from './sight.ts'
import { closeSocket, openSocket } from './socket.ts'

/** What came of a probe. */
export interface ProbeOutcome {
  readonly ok: boolean
  /** Until all was there that was asked for. */
  readonly latencyMs: number
  /** What was wrong; empty when ok. */
  readonly detail: string
  /** Whether anything at all came from the network of the origin. */
  readonly isAnswered: boolean
  readonly status?: number
  /** The beginning of the body, where it was read. */
  readonly body?: string
}

/** Probes once. Throws nothing. A trial reads the body whatever is expected of it. */
export async function performProbe(
  request: ProbeRequest,
  purpose: 'probe' | 'trial',
): Promise<ProbeOutcome> {
  const startedMs = Date.now()
  const isRead = request.method !== 'HEAD' && (purpose === 'trial' || needsBody(request.expect))
  const wish = { body: isRead }
  const seen = await withDeadline(request.timeoutMs, (deadline) => look(request, wish, deadline))
  const latencyMs = Math.max(0, Date.now() - startedMs)
  const sight =
    seen === EXPIRED ? nothing('late', `no answer within ${request.timeoutMs} ms`) : seen
  return { latencyMs, ...toVerdict(request, sight) }
}

function look(request: ProbeRequest, wish: Wish, deadline: Deadline): Promise<Sight> {
  const { type, host } = request
  if (type === 'tcp') return knock(request, deadline)
  return host === undefined
    ? probeByFetch(request, wish, deadline)
    : probeByName({ ...request, host }, wish, deadline)
}

async function knock({ hostname, port }: ProbeRequest, deadline: Deadline): Promise<Sight> {
  const connected = await openSocket({ hostname, port }, deadline)
  if (!connected.ok) return connected.nothing
  closeSocket(connected.socket)
  return { type: 'open' }
}

function toVerdict(request: ProbeRequest, sight: Sight): Omit<ProbeOutcome, 'latencyMs'> {
  const { expect, secrets } = request
  if (sight.type === 'open') return { ok: true, detail: '', isAnswered: true }
  if (sight.type === 'nothing') {
    const detail = (sight.detail + toAdvice(request, sight)).slice(0, REPORT_LIMITS.detail)
    return { ok: false, detail, isAnswered: sight.kind === 'unread' }
  }
  const { status } = sight
  const shown = sight.body && { ...sight.body, text: hide(sight.body.text, secrets) }
  const ok = judge(expect, sight) === ''
  const detail = ok ? '' : judge(expect, { status, body: shown }) || 'not as expected'
  const read = shown && { body: shown.text }
  return { ok, detail, isAnswered: !isSilence(status), status, ...read }
}

/** Of an address that a deployed Worker can never connect to: it would be looked for in vain elsewhere. */
function toAdvice({ hostname, isLocal }: ProbeRequest, { kind }: Nothing): string {
  const isBlocked = !isLocal && kind === 'unconnected' && PRIVATE.test(hostname)
  return isBlocked ? ' (a private address: deployed Workers may not connect to those)' : ''
}

const PRIVATE =
  /^(localhost$|127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|\[(::1\]|f[cd]|fe[89ab]))/

/** An origin may repeat what it was sent, and words about its answer quote it. */
function hide(text: string, secrets: readonly string[]): string {
  return secrets.reduce((hidden, secret) => hidden.replaceAll(secret, '***'), text)
}
