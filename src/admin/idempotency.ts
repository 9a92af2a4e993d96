import {
  type CallBegun,
  IDEMPOTENCY_LIMITS,
  type KeptAnswer,
} from '../../durable/idempotency-methods.ts'
import { digest } from './digest.ts'
import { refuse, refuseCall } from './problem-details.ts'
import type { AdminDeps } from './resource.ts'
import type { Caller } from './scope.ts'

/** A call that may carry a key. */
export interface KeyedCall {
  readonly request: Request
  readonly body: Uint8Array
  readonly caller: Caller
  readonly deps: Pick<AdminDeps, 'control'>
  /** Members of the answer that are not kept: a secret is shown once. */
  readonly secrets: readonly string[]
}

/**
 * Runs a call once for each Idempotency-Key of its caller (draft-ietf-httpapi-idempotency-key-header): the same
 * again gets the first answer, marked `idempotency-replayed`; something else under the same key is refused with
 * 422, and the same while the first is under way with 409. Answers of 500 and above are not kept, so that a call
 * that failed can be repeated. Without a key it just runs.
 */
export async function runOnce(call: KeyedCall, run: () => Promise<Response>): Promise<Response> {
  const header = call.request.headers.get('idempotency-key')
  if (header === null) return run()
  const key = readKey(header)
  if (key === undefined) return refuse('bad-request', KEY_CURE)
  const { control } = call.deps
  const names = { caller: call.caller.name, key, fingerprint: await toFingerprint(call) }
  const called = await control.call('beginCall', names)
  if (!called.ok) return refuseCall(called.error)
  const known = answerKnown(called.value)
  if (known !== undefined) return known
  let response: Response | undefined
  try {
    response = await run()
  } finally {
    const answer = response && (await toKept(response.clone(), call.secrets))
    // An answer that is not kept leaves the key to the next call; one that cannot be told is lost after two minutes.
    await control.call('endCall', { ...names, ...(answer && { answer }) })
  }
  return response
}

const KEY_CURE = `an Idempotency-Key is 1 to ${IDEMPOTENCY_LIMITS.key} visible characters, best a random UUID in quotes`

/** The key: a string of RFC 8941 §3.3.3 as the draft has it, or the same without quotes as most clients send it. */
function readKey(header: string): string | undefined {
  const text = header.trim()
  const key = /^"([ !#-[\]-~]*)"$/.exec(text)?.[1] ?? /^[!#-~]+$/.exec(text)?.[0]
  return key !== undefined && key !== '' && key.length <= IDEMPOTENCY_LIMITS.key ? key : undefined
}

/** What a call says: method, path, query and body. Of the headers only conditions change what it does. */
async function toFingerprint({ request, body }: KeyedCall): Promise<string> {
  const { method, url, headers } = request
  const { pathname, search } = new URL(url)
  const conditions = [headers.get('if-match'), headers.get('if-none-match')]
  return digest(JSON.stringify([method, pathname, search, conditions, await digest(body)]))
}

function answerKnown(begun: CallBegun): Response | undefined {
  switch (begun.outcome) {
    case 'begun':
      return undefined
    case 'running':
      return refuse('key-in-use', 'the first call with this key is under way: wait for it', {
        headers: { 'retry-after': '2' },
      })
    case 'other':
      return refuse('key-reused', 'this key named a call that said something else: take a new one')
    case 'done': {
      const { status, headers, body } = begun.answer
      return new Response(body, { status, headers: { ...headers, 'idempotency-replayed': 'true' } })
    }
  }
}

/** The answer as it is kept; undefined when it is not to be. */
async function toKept(
  response: Response,
  secrets: readonly string[],
): Promise<KeptAnswer | undefined> {
  const { status } = response
  if (status >= 500) return undefined
  const body = conceal(await response.text(), secrets)
  if (body.length > IDEMPOTENCY_LIMITS.answer) return undefined
  return { status, headers: Object.fromEntries(response.headers), body }
}

function conceal(body: string, secrets: readonly string[]): string {
  if (secrets.length === 0) return body
  const members = JSON.parse(body) as Record<string, unknown>
  const shown = Object.entries(members).filter(([name]) => !secrets.includes(name))
  return `${JSON.stringify(Object.fromEntries(shown), undefined, 2)}\n`
}
