import { toPointer } from '../../schema/problem.ts'

/** One value that differs: `before` is absent where it was added, `after` where it was removed. */
export interface Change {
  /** JSON pointer (RFC 6901). */
  readonly path: string
  readonly before?: unknown
  readonly after?: unknown
}

/** What differs between two documents, and how many more differences there are than are listed. */
export interface Difference {
  readonly changes: readonly Change[]
  readonly omitted: number
}

/** Most changes listed, and most characters shown of a text: enough to read, bounded for a rewrite. */
const MOST_CHANGES = 200
const LONGEST_TEXT = 256

/**
 * Compares two JSON documents value by value, in the order of `before`, then of what `after` adds. Lists
 * are compared place by place. `undefined` stands for no document at all.
 */
export function differ(before: unknown, after: unknown): Difference {
  const changes: Change[] = []
  let omitted = 0
  for (const change of walk([], before, after)) {
    if (changes.length < MOST_CHANGES) changes.push(change)
    else omitted += 1
  }
  return { changes, omitted }
}

type Members = readonly (readonly [string, unknown])[]

function* walk(path: readonly string[], before: unknown, after: unknown): Generator<Change> {
  const removed = membersOf(before)
  const added = membersOf(after)
  const sameKind = Array.isArray(before) === Array.isArray(after)
  const isInner = removed.length + added.length > 0
  if (
    isInner &&
    (before === undefined ||
      after === undefined ||
      (isObject(before) && isObject(after) && sameKind))
  ) {
    yield* walkMembers(path, removed, added)
  } else if (!isSame(before, after)) {
    yield {
      path: toPointer(path),
      ...(before !== undefined && { before: shorten(before) }),
      ...(after !== undefined && { after: shorten(after) }),
    }
  }
}

function* walkMembers(
  path: readonly string[],
  removed: Members,
  added: Members,
): Generator<Change> {
  const rest = new Map(added)
  for (const [key, value] of removed) {
    yield* walk([...path, key], value, rest.get(key))
    rest.delete(key)
  }
  for (const [key, value] of rest) yield* walk([...path, key], undefined, value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function membersOf(value: unknown): Members {
  return isObject(value) ? Object.entries(value) : []
}

/** Two leaves: what is not equal by value is an empty object or list at most. */
function isSame(before: unknown, after: unknown): boolean {
  if (!isObject(before) || !isObject(after)) return before === after
  return Array.isArray(before) === Array.isArray(after)
}

function shorten(value: unknown): unknown {
  if (isObject(value)) return membersOf(value).length === 0 ? value : summary(value)
  if (typeof value !== 'string' || value.length <= LONGEST_TEXT) return value
  return `${value.slice(0, LONGEST_TEXT)}…`
}

function summary(value: object): string {
  const { length } = membersOf(value)
  return Array.isArray(value) ? `[…${length}]` : `{…${length}}`
}
