import type { Fields } from './message.ts'

/** The values of a field, one for each line that has it. */
export function valuesOf(fields: Fields, name: string): readonly string[] {
  return fields.filter(([each]) => each === name).map(([, value]) => value)
}

/** The first value of a field. */
export function valueOf(fields: Fields, name: string): string | undefined {
  return fields.find(([each]) => each === name)?.[1]
}

/** Members of a list (RFC 9110 §5.6.1) of plain tokens, in lower case, over all lines. */
export function tokensOf(fields: Fields, name: string): readonly string[] {
  return valuesOf(fields, name).flatMap((value) =>
    value
      .split(',')
      .map((token) => token.trim().toLowerCase())
      .filter((token) => token !== ''),
  )
}
