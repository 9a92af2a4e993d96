import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text as readText } from 'node:stream/consumers'
import * as z from 'zod'
import { Problem } from '../src/schema/problem.ts'

/** Where an admin API stands, and what opens it. */
export interface AdminApi {
  /** With the prefix: `http://127.0.0.1:8787/_portolan`. */
  readonly url: string
  readonly token: string
  /** The one host on which it answers, where that is not the host of the URL. */
  readonly host?: string | undefined
}

/** One value that a new configuration changes: `before` absent where it is added, `after` where it is removed. */
const Change = z.looseObject({
  path: z.string(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
})
export type Change = z.output<typeof Change>

/** A configuration that is in force now, or (a dry run) would be. */
const AppliedConfig = z.looseObject({
  outcome: z.enum(['accepted', 'unchanged']),
  revision: z.int(),
  problems: z.array(Problem).default([]),
  diff: z.array(Change).default([]),
  diffOmitted: z.int().default(0),
})
export type AppliedConfig = z.output<typeof AppliedConfig>

/** What became of a configuration that was sent. */
export type PutAnswer =
  | { readonly ok: true; readonly applied: AppliedConfig }
  | { readonly ok: false; readonly error: string; readonly problems: readonly Problem[] }

/** RFC 9457, as far as the command line tells it. */
const ProblemDetails = z.looseObject({
  title: z.string().optional(),
  detail: z.string().optional(),
  problems: z.array(Problem).default([]),
})

const TIMEOUT_MS = 30_000

/** Sends a configuration to be applied, or with `mode: 'try'` only to be checked and compared. Never throws. */
export async function putConfig(
  api: AdminApi,
  authored: unknown,
  mode: 'apply' | 'try',
): Promise<PutAnswer> {
  const url = new URL(`${api.url}/v1/config${mode === 'try' ? '?dryRun=true' : ''}`)
  let answer: Answer
  try {
    answer = await put(url, api, JSON.stringify(authored))
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return { ok: false, error: `${url.href} cannot be reached: ${words}`, problems: [] }
  }
  const body = parseOrText(answer.text)
  const applied = AppliedConfig.safeParse(body)
  if (answer.status === 200 && applied.success) return { ok: true, applied: applied.data }
  return { ok: false, ...toRefusal(url, answer.status, body) }
}

interface Answer {
  readonly status: number
  readonly text: string
}

/** Not `fetch`: that one takes no Host of its own, and the admin API may be bound to a host that DNS does not know. */
function put(url: URL, { token, host }: AdminApi, body: string): Promise<Answer> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    ...(host !== undefined && { host }),
  }
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const sent = request(url, { method: 'PUT', headers, signal }, (response) => {
      readText(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, text }),
        (error: unknown) => reject(new Error('the answer broke off', { cause: error })),
      )
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

function toRefusal(url: URL, status: number, body: unknown) {
  const details = ProblemDetails.safeParse(body)
  const said = details.success ? (details.data.detail ?? details.data.title) : undefined
  const error =
    said === undefined
      ? `${url.href} answered ${status}, and not as the admin API of Portolan would`
      : `${url.href} answered ${status}: ${said}`
  return { error, problems: details.success ? details.data.problems : [] }
}

function parseOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text // Not the admin API: told as such by whoever reads it.
  }
}
