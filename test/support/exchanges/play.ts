import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { headerValues, type Received, send } from '../client.ts'
import { until } from '../until.ts'
import { BODY_BYTES, type Exchange, HEAD, type Outcome, STEP, type Step } from './exchange.ts'
import { type Asked, type ScriptedOrigin, toDates, urlOf } from './scripted-origin.ts'

/** After the first requests a lifetime of one second ends, also where time is counted in whole seconds. */
const EXPIRY_MS = 2100

/** Then everything that was asked behind a client's back has come to the origin. */
const SETTLED_MS = 400

const CONNECTIONS = 12

/** Methods whose requests are refused without a body by some. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH'])

/** A request that was answered, and when. */
interface Sent {
  readonly received: Received
  readonly sentAtMs: number
  readonly receivedAtMs: number
}

/** Plays exchanges through a cache, all of them at the same pace, and says what came of each request. */
export async function play(
  exchanges: readonly Exchange[],
  cacheUrl: string,
  origin: ScriptedOrigin,
): Promise<readonly (readonly Outcome[])[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const outcomes = exchanges.map((): Outcome[] => [])
  const firsts: (Sent | undefined)[] = []
  const steps = Math.max(...exchanges.map((exchange) => exchange.steps.length))
  for (let at = 0; at < steps; at += 1) {
    const sent = await Promise.all(
      exchanges.map(async ({ steps: { [at]: step } }, exchange) =>
        step ? sendStep(urlOf(cacheUrl, exchange), { step, at, agent }) : undefined,
      ),
    )
    await pause(at === 0 ? EXPIRY_MS : SETTLED_MS)
    await until(() => origin.isIdle())
    for (const [exchange, one] of sent.entries()) {
      if (!one) continue
      const first = (firsts[exchange] ??= one)
      const asked = origin.asked(exchange, at)[0]
      outcomes[exchange]?.push(toOutcome(one, first, asked))
    }
  }
  agent.destroy()
  return outcomes
}

async function sendStep(
  url: string,
  { step, at, agent }: { readonly step: Step; readonly at: number; readonly agent: Agent },
): Promise<Sent> {
  const given = step.sends.map(([name, value]) => [name, toDates(value)] as const)
  const sentAtMs = performance.now()
  const sent: Parameters<typeof send>[1] = {
    method: step.method,
    headers: [['Host', 'exchanges.test'], ...given, [STEP, String(at)]],
    ...(WITH_BODY.has(step.method) && { body: 'x=1' }),
  }
  const kept = send(url, { ...sent, agent })
  // Varnish ends connections after some answers to HEAD. As any client does, ask again then, by another one.
  const received = await kept.catch(() => send(url, sent))
  return { received, sentAtMs, receivedAtMs: performance.now() }
}

function toOutcome(sent: Sent, first: Sent, asked: Asked | undefined): Outcome {
  const { received, receivedAtMs } = sent
  const head = headerValues(received, HEAD)[0]
  const letter = received.text.at(0) ?? ''
  const isOfOrigin = received.text === letter.repeat(received.text.length)
  const isPlain = letter !== '' && isOfOrigin && received.text.length <= BODY_BYTES
  return {
    asked: toAsked(asked, receivedAtMs),
    status: received.status,
    body: isPlain ? `${letter}${received.text.length}` : '-',
    head: head === undefined ? undefined : Number(head),
    age: toAge(headerValues(received, 'age')[0], sent, first),
  }
}

/** What `Age` says of the time before it came here: since then passed what passed between these requests. */
function toAge(value: string | undefined, sent: Sent, first: Sent): Outcome['age'] {
  if (value === undefined) return undefined
  const passedAtMost = Math.ceil((sent.receivedAtMs - first.sentAtMs) / 1000)
  const passedAtLeast = Math.max(0, Math.floor((sent.sentAtMs - first.receivedAtMs) / 1000))
  return { least: Number(value) - passedAtMost, most: Number(value) - passedAtLeast }
}

function toAsked(asked: Asked | undefined, receivedAtMs: number): Outcome['asked'] {
  if (!asked) return 'not'
  if (asked.answeredAtMs > receivedAtMs) return 'behind'
  return asked.isConditional ? 'conditionally' : 'plainly'
}
