import * as z from 'zod'
import type { CallError } from '../../durable/wire.ts'
import { InterlockRefusal } from '../schema/interlock.ts'
import { Problem } from '../schema/problem.ts'

/** Every way in which the admin API says no: its status and its title. */
const KINDS = {
  'bad-request': { status: 400, title: 'The request cannot be understood' },
  'invalid-syntax': { status: 400, title: 'The body is not JSON, even with comments' },
  unauthorized: { status: 401, title: 'A valid bearer token is needed' },
  forbidden: { status: 403, title: 'The token lacks a scope' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'no-configuration': { status: 404, title: 'There is no configuration yet' },
  'method-not-allowed': { status: 405, title: 'This method is not for this resource' },
  conflict: { status: 409, title: 'It makes no sense as things stand' },
  interlock: { status: 409, title: 'An interlock refuses the change' },
  'key-in-use': { status: 409, title: 'A call with this Idempotency-Key is under way' },
  'revision-mismatch': { status: 412, title: 'The current revision is another one' },
  'too-large': { status: 413, title: 'The body is too large' },
  'unsupported-encoding': { status: 415, title: 'The body is encoded' },
  'key-reused': { status: 422, title: 'This Idempotency-Key named another call' },
  'invalid-configuration': { status: 422, title: 'The configuration has errors' },
  'invalid-question': { status: 422, title: 'The question has errors' },
  'too-many-failures': { status: 429, title: 'Too many failed attempts to authenticate' },
  internal: { status: 500, title: 'The router failed' },
  'control-failed': { status: 502, title: 'The control object failed' },
  'admin-off': { status: 503, title: 'The admin API is off' },
  'not-ready': { status: 503, title: 'The router has no snapshot yet' },
  'zone-unavailable': { status: 503, title: 'The object of a DNS zone cannot be reached' },
  'sessions-unavailable': { status: 503, title: 'The session objects cannot be reached' },
  'control-unavailable': { status: 503, title: 'The control object cannot be reached' },
  'control-timeout': { status: 504, title: 'The control object did not answer in time' },
} as const

const ProblemKind = z.enum(Object.keys(KINDS) as (keyof typeof KINDS)[])

/** The last part of a problem's `type`. */
export type ProblemKind = z.output<typeof ProblemKind>

/** The body of a refusal. */
export const ProblemDetails = z.strictObject({
  type: z.string().describe('"urn:portolan:problem:" and the reason.'),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('What is wrong this time, and what to do about it.'),
  reason: ProblemKind,
  problems: z
    .array(Problem.extend({ line: z.int().optional(), column: z.int().optional() }))
    .optional()
    .describe('All that is wrong; of a syntax error with its place in the text, from 1.'),
  interlocks: z
    .array(InterlockRefusal)
    .optional()
    .describe('Those that refuse, with their numbers.'),
  revision: z.int().optional().describe('The current revision, where another one was expected.'),
})

/** The status that a refusal is answered with. */
export function statusOf(kind: ProblemKind): number {
  return KINDS[kind].status
}

/** What is wrong whenever it is refused so. */
export function titleOf(kind: ProblemKind): string {
  return KINDS[kind].title
}

/** What a refusal adds to its kind. */
export interface ProblemMore {
  readonly headers?: Readonly<Record<string, string>>
  readonly problems?: readonly Problem[]
  /** Those that refuse, with their numbers. */
  readonly interlocks?: readonly InterlockRefusal[]
  /** The current revision. */
  readonly revision?: number
}

/** A refusal as `application/problem+json` (RFC 9457). */
export function refuse(kind: ProblemKind, detail: string, more: ProblemMore = {}): Response {
  const { status, title } = KINDS[kind]
  const { headers, ...members } = more
  const body = {
    type: `urn:portolan:problem:${kind}`,
    title,
    status,
    detail,
    reason: kind,
    ...members,
  }
  return new Response(`${JSON.stringify(body, undefined, 2)}\n`, {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  })
}

/** A refusal that lists all that is wrong; the first of it is the detail. */
export function refuseProblems(kind: ProblemKind, problems: readonly Problem[]): Response {
  const [first] = problems
  const at = first?.path ? `${first.path}: ` : ''
  return refuse(kind, at + (first?.message ?? ''), { problems })
}

/** How long a client should wait for a control object that is away. */
const RETRY_AFTER = { 'retry-after': '5' }

/** The refusal that tells of a call to the control object without result. */
export function refuseCall({ kind, message }: CallError): Response {
  switch (kind) {
    case 'refused':
    case 'failed':
      return refuse('control-failed', message)
    case 'overloaded':
    case 'unavailable':
      return refuse('control-unavailable', message, { headers: RETRY_AFTER })
    case 'timeout':
      return refuse('control-timeout', message, { headers: RETRY_AFTER })
  }
}
