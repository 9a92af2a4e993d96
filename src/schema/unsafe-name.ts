import { type Problem, toPointer } from './problem.ts'

/**
 * Every entry named `__proto__`. zod passes over it in silence wherever ids are keys (4.6.7), so that a pool or
 * origin of that name would be missing without a word. Asks for a document that has passed the schema: its
 * depth is bounded then.
 */
export function findUnsafeNames(value: unknown, path: readonly string[] = []): Problem[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    name === '__proto__' ? [toProblem([...path, name])] : findUnsafeNames(inner, [...path, name]),
  )
}

function toProblem(path: readonly string[]): Problem {
  const message = '"__proto__" is no name for anything here'
  return { severity: 'error', path: toPointer(path), message, cure: 'choose another name' }
}
