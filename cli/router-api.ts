import type * as z from 'zod'
import { askAdmin } from './admin-call.ts'
import type { AdminAnswer, AdminApi, AdminQuestion } from './admin-call.ts'
import { ProblemDetails } from './admin-client.ts'
import type { Outcome } from './command.ts'
import { describeProblem } from './config-file.ts'

/** The options that say which router a command is for. */
export const ROUTER_OPTIONS = {
  to: { type: 'string' },
  token: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** What the usage of every command for a router ends with. */
export const ROUTER_USAGE = `  --to URL, --token T    The router and its token; or PORTOLAN_URL and PORTOLAN_ADMIN_TOKEN
  --json                 The answer as the admin API gave it`

const DEFAULT_PREFIX = '/_portolan'

/** What was given for the options. */
export interface RouterValues {
  readonly to?: string | undefined
  readonly token?: string | undefined
}

/** Which admin API is meant, or what is missing to know it. */
export type ReadApi =
  | { readonly ok: true; readonly api: AdminApi }
  | { readonly ok: false; readonly error: string }

/** Reads the options, and the environment where they say nothing. */
export function readApi({ to, token }: RouterValues): ReadApi {
  const url = toAdminUrl(to ?? process.env.PORTOLAN_URL)
  if (url === undefined) {
    return { ok: false, error: '--to takes the URL of the router: http:// or https://' }
  }
  const given = token ?? process.env.PORTOLAN_ADMIN_TOKEN
  if (given === undefined || given === '') return { ok: false, error: '--token is missing' }
  return { ok: true, api: { url, token: given } }
}

/** An answer of the shape that was asked for; or, in lines, why there is none. */
export type Told<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly outcome: Outcome }

/** Asks a router, and tells in words what kept it from answering. Never rejects. */
export async function askRouter<Schema extends z.ZodType>(
  api: AdminApi,
  question: AdminQuestion,
  schema: Schema,
): Promise<Told<z.output<Schema>>> {
  let answer: AdminAnswer
  try {
    answer = await askAdmin(api, question)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    const cure = 'is it running, and is this its URL?'
    return fail([`${api.url} cannot be reached: ${words}`, `cure: ${cure}`])
  }
  // 204: done, and nothing to say of it.
  if (answer.status === 200 || answer.status === 204) {
    const parsed = schema.safeParse(answer.body)
    if (parsed.success) return { ok: true, value: parsed.data }
  }
  return fail(describeRefusal(api, answer))
}

function describeRefusal({ url }: AdminApi, { status, body }: AdminAnswer): string[] {
  const parsed = ProblemDetails.safeParse(body)
  const { title, detail, problems = [], reason } = parsed.success ? parsed.data : {}
  if (title === undefined) {
    return [
      `${url} answered ${status}, and not as the admin API of Portolan would`,
      'cure: --to takes the URL of the router; with a path where its prefix is not /_portolan',
    ]
  }
  const cure = CURES[reason ?? '']
  return [
    `refused (${status}): ${title}`,
    ...(problems.length > 0 ? problems.map(describeProblem) : toLines(detail)),
    ...(cure === undefined ? [] : [`cure: ${cure}`]),
  ]
}

/** One objection a line: an interlock may have several. */
function toLines(detail: string | undefined): readonly string[] {
  return detail === undefined ? [] : detail.split('; ')
}

const WITHOUT_CONTROL =
  'traffic flows on by the last snapshot meanwhile; see docs/runbooks/control-unreachable.md'

/** What to do about refusals that do not say it themselves. */
const CURES: Readonly<Record<string, string>> = {
  unauthorized: 'give the token with --token or in PORTOLAN_ADMIN_TOKEN',
  'admin-off': 'npx wrangler secret put PORTOLAN_ADMIN_TOKEN',
  interlock: 'repeat the command with --override if that is what you want',
  'control-unavailable': WITHOUT_CONTROL,
  'control-timeout': WITHOUT_CONTROL,
  'control-failed': WITHOUT_CONTROL,
}

function fail(lines: readonly string[]): { readonly ok: false; readonly outcome: Outcome } {
  return { ok: false, outcome: { code: 1, lines } }
}

function toAdminUrl(to: string | undefined): string | undefined {
  if (to === undefined || !URL.canParse(to)) return undefined
  const { protocol, origin, pathname } = new URL(to)
  if (protocol !== 'http:' && protocol !== 'https:') return undefined
  const prefix = pathname.replace(/\/$/, '')
  return `${origin}${prefix === '' ? DEFAULT_PREFIX : prefix}`
}
