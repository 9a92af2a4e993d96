/** An invariant that does not hold. `law` is its number in docs/simulation.md. */
export function fail(law: number, words: string): never {
  throw new Error(`law ${law}: ${words}`)
}
