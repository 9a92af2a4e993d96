import { EXPIRED, withDeadline } from '../src/outbound/deadline.ts'
import type { DnsFailure } from '../src/schema/dns-record-set.ts'
import { readSecret } from '../src/outbound/secret.ts'
import type { Asked } from './provider.ts'

/** The most that is read of an answer: a thousand records are about one megabyte. */
const LONGEST_ANSWER_BYTES = 16_000_000

/** What a provider is asked by HTTP. */
export interface HttpQuestion {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** A whole answer, whatever its status. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/**
 * Asks once, within the time, the whole answer included. Never throws, and follows no redirect: the request carries
 * a secret. A failure says whom it was about in the words of `whom`, such as "Cloudflare".
 */
export async function askByHttp(
  question: HttpQuestion,
  timeoutMs: number,
  whom: string,
): Promise<Asked<HttpAnswer>> {
  const { url, ...init } = question
  const asked = await withDeadline(timeoutMs, async ({ signal }) => {
    const response = await fetch(url, { ...init, redirect: 'manual', signal })
    const { status, headers } = response
    if (status >= 300 && status < 400) {
      await response.body?.cancel()
      return failed('garbled', `${whom} answered ${status}, and redirects are not followed`)
    }
    const text = await readWhole(response)
    if (text === undefined) return failed('garbled', `the answer of ${whom} is too long`)
    return { ok: true, value: { status, headers, text } } as const
  }).catch((error: unknown) => failed('unavailable', `${whom} cannot be reached: ${words(error)}`))
  if (asked !== EXPIRED) return asked
  return failed('timed-out', `${whom} did not answer within ${timeoutMs} ms`)
}

/** Reads a secret that goes into a header. One that no header can hold would make the request itself throw. */
export function readHeaderSecret(bindings: object, name: string): Asked<string> {
  const secret = readSecret(bindings, name)
  if (!secret.ok) return failed('no-secret', secret.why)
  if (/^[\x21-\x7e]+$/.test(secret.value)) return secret
  return failed(
    'no-secret',
    `the secret "${name}" has a space, a line break or an odd character in it, which no key has: set it anew with ` +
      `"wrangler secret put ${name}"`,
  )
}

/** The body as text; undefined when it is longer than anything that a provider has to say. */
async function readWhole(response: Response): Promise<string | undefined> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader()
  if (reader === undefined) return ''
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > LONGEST_ANSWER_BYTES) break
    text += decoder.decode(value, { stream: true })
  }
  await reader.cancel()
  return undefined
}

function failed(kind: DnsFailure['kind'], detail: string) {
  return { ok: false, failure: { kind, detail } } as const
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
