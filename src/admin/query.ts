import type * as z from 'zod'
import { toPointer } from '../schema/problem.ts'
import { type ProblemKind, refuseProblems } from './problem-details.ts'

/** A part of a request in its right shape, or the refusal that says what is wrong with it. */
export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Response }

/** Parses the query. A parameter that the schema does not know is an error: `?dryrun=true` must not apply a change. */
export function parseQuery<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Parsed<z.output<Schema>> {
  const query = Object.fromEntries(new URL(request.url).searchParams)
  return parsePart(schema, query, 'bad-request')
}

/** Parses a part of a request with one of our schemas. */
export function parsePart<Schema extends z.ZodType>(
  schema: Schema,
  part: unknown,
  kind: ProblemKind,
): Parsed<z.output<Schema>> {
  const parsed = schema.safeParse(part)
  if (parsed.success) return { ok: true, value: parsed.data }
  const problems = parsed.error.issues.slice(0, 20).map(({ path, message }) => ({
    severity: 'error' as const,
    path: toPointer(path),
    message,
    cure: 'change it to what the message asks for; docs/api.md has every field',
  }))
  return { ok: false, refusal: refuseProblems(kind, problems) }
}
