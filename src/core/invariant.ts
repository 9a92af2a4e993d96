/** Says that something always holds. When it does not, the program is wrong, and the request ends in a clean 500. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant: ${message}`)
}
