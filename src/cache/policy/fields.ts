import type { Fields } from './message.ts'

// Loops, and no chains of arrays: each answer that comes is asked for some ten names.

/** The values of a field, one for each line that has it. */
export function valuesOf(fields: Fields, name: string): readonly string[] {
  let values: string[] | undefined
  for (const [each, value] of fields) if (each === name) (values ??= []).push(value)
  return values ?? NONE
}

const NONE: readonly string[] = []

/** The first value of a field. */
export function valueOf(fields: Fields, name: string): string | undefined {
  for (const [each, value] of fields) if (each === name) return value
  return undefined
}

/** Members of a list (RFC 9110 §5.6.1) of plain tokens, in lower case, over all lines. */
export function tokensOf(fields: Fields, name: string): readonly string[] {
  const tokens: string[] = []
  for (const value of valuesOf(fields, name)) {
    for (const member of value.split(',')) {
      const token = member.trim().toLowerCase()
      if (token !== '') tokens.push(token)
    }
  }
  return tokens
}
