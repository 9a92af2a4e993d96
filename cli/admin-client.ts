import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { Problem } from '../src/schema/problem.ts'
import { askAdmin } from './admin-call.ts'
import type { AdminAnswer, AdminApi } from './admin-call.ts'

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
export const ProblemDetails = z.looseObject({
  title: z.string().optional(),
  detail: z.string().optional(),
  reason: z.string().optional(),
  problems: z.array(Problem).default([]),
})

/** Sends a configuration to be applied, or with `mode: 'try'` only to be checked and compared. Never rejects. */
export async function putConfig(
  api: AdminApi,
  authored: unknown,
  mode: 'apply' | 'try',
): Promise<PutAnswer> {
  const path = `/v1/config${mode === 'try' ? '?dryRun=true' : ''}`
  let answer: AdminAnswer
  try {
    answer = await askAdmin(api, { method: 'PUT', path, body: authored })
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return { ok: false, error: `${api.url} cannot be reached: ${words}`, problems: [] }
  }
  const applied = AppliedConfig.safeParse(answer.body)
  if (answer.status === 200 && applied.success) return { ok: true, applied: applied.data }
  return { ok: false, ...toRefusal(api, answer) }
}

function toRefusal({ url }: AdminApi, { status, body }: AdminAnswer) {
  const details = ProblemDetails.safeParse(body)
  const title = details.success ? details.data.title : undefined
  if (!details.success || title === undefined) {
    const error = `${url} answered ${status}, and not as the admin API of Portolan would`
    return { error, problems: [] }
  }
  const { detail, problems } = details.data
  // Of a configuration with errors, the detail is the first of its problems.
  const more = problems.length > 0 || detail === undefined ? '' : `: ${detail}`
  return { error: `${url} answered ${status}. ${title}${more}`, problems }
}

const POLL_MS = 50

/** An isolate looks for a newer snapshot every 2 s, and its data centre for one every 5 s. */
export const LONGEST_SETTLE_MS = 10_000

const Status = z.looseObject({ revision: z.int() })

/**
 * Waits until the router that answers decides by this revision. Gives up quietly: the revision is accepted, and
 * isolates find it when they next look.
 */
export async function settleRevision(api: AdminApi, revision: number): Promise<void> {
  const untilMs = Date.now() + LONGEST_SETTLE_MS
  while (Date.now() < untilMs) {
    const answer = await askAdmin(api, { method: 'GET', path: '/status' }).catch(() => undefined)
    const status = Status.safeParse(answer?.body)
    // No status: the configuration moved the admin API elsewhere, so it is in force.
    if (!status.success || status.data.revision >= revision) return
    await sleep(POLL_MS)
  }
}
