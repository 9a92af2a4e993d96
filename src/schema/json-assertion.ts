import * as z from 'zod'

/** How the value at a pointer is compared. */
export const JSON_OPERATORS = ['<', '<=', '==', '!=', '>=', '>'] as const

/** One comparison, taken apart. A segment "*" stands for every entry of an array or object. */
export interface JsonAssertion {
  /** As written, for messages. */
  readonly text: string
  /** The unescaped segments of the pointer (RFC 6901 §4). */
  readonly segments: readonly string[]
  readonly operator: (typeof JSON_OPERATORS)[number]
  readonly value: string | number | boolean | null
}

const FORM = /^(?<pointer>(?:\/[^\s]*)?)\s+(?<operator><=|>=|==|!=|<|>)\s+(?<value>\S.*)$/

/** "/components/replication/replicas/*\/lag_seconds < 5": a JSON Pointer (RFC 6901), an operator, a JSON value. */
export const JsonAssertion = z
  .string()
  .max(512)
  .transform((text, context): JsonAssertion => {
    const parsed = parse(text)
    if (parsed) return parsed
    const message =
      'written "<pointer> <operator> <value>", such as "/db/lag_seconds < 5" or \'/status == "ok"\''
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })

function parse(text: string): JsonAssertion | undefined {
  const { pointer, operator, value } = FORM.exec(text)?.groups ?? {}
  const known = JSON_OPERATORS.find((each) => each === operator)
  const scalar = value === undefined ? undefined : toScalar(value)
  if (pointer === undefined || known === undefined || scalar === undefined) return undefined
  // "<" of a text or a truth value says nothing that a health endpoint could mean.
  if (known !== '==' && known !== '!=' && typeof scalar !== 'number') return undefined
  if (/~(?![01])/.test(pointer)) return undefined
  const segments = pointer.split('/').slice(1).map(unescape)
  return { text, segments, operator: known, value: scalar }
}

function unescape(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~')
}

function toScalar(text: string): JsonAssertion['value'] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) {
      return value as JsonAssertion['value']
    }
    return undefined
  } catch {
    // A SyntaxError: not JSON, and so not a value that a JSON body could have.
    return undefined
  }
}
