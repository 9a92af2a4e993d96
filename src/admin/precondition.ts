import type { Expectation } from '../state/revision/expectation.ts'
import { refuse } from './problem-details.ts'

/** The entity tag of a revision: strong, since one revision has one representation (RFC 9110 §8.8.3). */
export function toEntityTag(revision: number): string {
  return `"${revision}"`
}

/** Whether the caller has this very revision (`If-None-Match`, compared weakly: RFC 9110 §13.1.2). */
export function isKnown(request: Request, revision: number): boolean {
  const header = request.headers.get('if-none-match')
  if (header === null) return false
  const tag = toEntityTag(revision)
  return toTags(header).some(
    (candidate) => candidate === '*' || candidate.replace(/^W\//, '') === tag,
  )
}

/** What a change asks of the current revision, or the refusal of a condition that cannot be kept. */
export type ReadExpectation =
  | { readonly ok: true; readonly expect: Expectation | undefined }
  | { readonly ok: false; readonly refusal: Response }

/** Reads `If-Match` and `If-None-Match: *`. A condition that is not understood is refused, never ignored. */
export function readExpectation(request: Request): ReadExpectation {
  const match = request.headers.get('if-match')
  const noneMatch = request.headers.get('if-none-match')
  if (match !== null && noneMatch === null) return { ok: true, expect: toExpectation(match) }
  if (match === null && noneMatch?.trim() === '*') return { ok: true, expect: 'none' }
  if (match === null && noneMatch === null) return { ok: true, expect: undefined }
  const detail = 'a change takes either If-Match or "If-None-Match: *"'
  return { ok: false, refusal: refuse('bad-request', detail) }
}

/** The answer to a change that was asked of another revision than the current one; 0 where there is none. */
export function refuseMismatch(revision: number): Response {
  const detail = `the current revision is ${revision}: read it again, and repeat the change on it`
  const headers = revision === 0 ? {} : { etag: toEntityTag(revision) }
  return refuse('revision-mismatch', detail, { revision, headers })
}

/** Weak tags and tags of another make match nothing (RFC 9110 §13.1.1: strong comparison). */
function toExpectation(match: string): Expectation {
  if (match.trim() === '*') return 'some'
  return toTags(match).flatMap((tag) => {
    const revision = /^"([1-9]\d{0,14})"$/.exec(tag)?.[1]
    return revision === undefined ? [] : [Number(revision)]
  })
}

function toTags(header: string): string[] {
  return header.split(',').map((tag) => tag.trim())
}
