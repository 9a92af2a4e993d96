import type * as z from 'zod'
import { toProblem } from '../schema/issue.ts'
import { type ProblemKind, refuse, refuseProblems } from './problem-details.ts'

/** A part of a request in its right shape, or the refusal that says what is wrong with it. */
export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Response }

/**
 * Parses the query. A parameter that the schema does not know is an error, and so is one that is given twice:
 * neither `?dryrun=true` nor `?dryRun=true&dryRun=false` may apply a change.
 */
export function parseQuery<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Parsed<z.output<Schema>> {
  const { searchParams } = new URL(request.url)
  const repeated = [...searchParams.keys()].find((name) => searchParams.getAll(name).length > 1)
  if (repeated !== undefined) {
    const detail = `the parameter ${JSON.stringify(repeated)} is given more than once`
    return { ok: false, refusal: refuse('bad-request', detail) }
  }
  return parsePart(schema, Object.fromEntries(searchParams), 'bad-request')
}

/** Parses a part of a request with one of our schemas. */
export function parsePart<Schema extends z.ZodType>(
  schema: Schema,
  part: unknown,
  kind: ProblemKind,
): Parsed<z.output<Schema>> {
  const parsed = schema.safeParse(part)
  if (parsed.success) return { ok: true, value: parsed.data }
  const problems = parsed.error.issues.slice(0, 20).map(toProblem)
  return { ok: false, refusal: refuseProblems(kind, problems) }
}
