/** Names of parameters or cookies: exact ones, and beginnings (`utm_*`). */
export interface Names {
  readonly exact: ReadonlySet<string>
  readonly beginnings: readonly string[]
}

/** Makes patterns ready to be asked for many names. */
export function compileNames(patterns: readonly string[]): Names {
  return {
    exact: new Set(patterns.filter((pattern) => !isBeginning(pattern))),
    beginnings: patterns.filter(isBeginning).map((pattern) => pattern.slice(0, -1)),
  }
}

/** Whether a name is one of these. */
export function isNamed({ exact, beginnings }: Names, name: string): boolean {
  return exact.has(name) || beginnings.some((beginning) => name.startsWith(beginning))
}

function isBeginning(pattern: string): boolean {
  return pattern.endsWith('*')
}
