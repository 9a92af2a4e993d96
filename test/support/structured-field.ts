/** One member of a list: a string with parameters. */
export interface FieldItem {
  readonly value: string
  readonly parameters: Readonly<Record<string, number | string | true>>
}

/**
 * Parses a list of strings with parameters (RFC 9651 §4.2.1), as far as the RateLimit fields go: integers, strings
 * and bare keys as parameters. Throws wherever the algorithm of the RFC fails.
 */
export function parseStringList(text: string): FieldItem[] {
  const input = { rest: text.replace(/^ +/, '') }
  const items: FieldItem[] = []
  for (;;) {
    items.push({ value: takeString(input), parameters: takeParameters(input) })
    if (take(input, /^[ \t]*$/) !== undefined) return items
    expectTaken(take(input, /^[ \t]*,[ \t]*(?=.)/), input)
  }
}

interface Input {
  rest: string
}

function take(input: Input, pattern: RegExp): string | undefined {
  const found = pattern.exec(input.rest)?.[0]
  if (found !== undefined) input.rest = input.rest.slice(found.length)
  return found
}

function expectTaken(taken: string | undefined, { rest }: Input): string {
  if (taken === undefined) throw new Error(`no structured field from here: ${rest}`)
  return taken
}

function takeString(input: Input): string {
  const quoted = expectTaken(take(input, /^"(?:[ !#-[\]-~]|\\["\\])*"/), input)
  return quoted.slice(1, -1).replaceAll(/\\(["\\])/g, '$1')
}

function takeParameters(input: Input): FieldItem['parameters'] {
  const parameters: Record<string, number | string | true> = {}
  while (take(input, /^; */) !== undefined) {
    const key = expectTaken(take(input, /^[a-z*][a-z0-9_.*-]*/), input)
    if (take(input, /^=/) === undefined) parameters[key] = true
    else if (input.rest.startsWith('"')) parameters[key] = takeString(input)
    else parameters[key] = Number(expectTaken(take(input, /^-?\d{1,15}(?![.\d])/), input))
  }
  return parameters
}
