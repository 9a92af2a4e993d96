import { findNodeAtLocation, getNodeValue, parseTree, printParseErrorCode } from 'jsonc-parser'
import type { Node, ParseError } from 'jsonc-parser'

/** A place in a text as editors count it: both from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** One thing that keeps a text from being JSON with comments. */
export interface SyntaxProblem extends Position {
  readonly message: string
}

/** What a text says, and where it says it. */
export interface JsoncDocument {
  readonly value: unknown
  /** Where the value at a JSON pointer (RFC 6901) stands, or its nearest ancestor that exists. */
  locate(pointer: string): Position
}

/** A text read as JSON with comments and trailing commas, or everything that is wrong with its syntax. */
export type ParsedJsonc =
  | { readonly ok: true; readonly document: JsoncDocument }
  | { readonly ok: false; readonly problems: readonly SyntaxProblem[] }

/** Most problems told at once: one slip of the pen can unsettle all that follows it. */
const MOST_PROBLEMS = 10

/** Reads JSON with comments and trailing commas. A name that an object gives twice is a problem too. */
export function parseJsonc(text: string): ParsedJsonc {
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true })
  if (!root || errors.length > 0) {
    const problems = errors.map(({ error, offset }) => ({
      ...positionAt(text, offset),
      message: toWords(printParseErrorCode(error)),
    }))
    return { ok: false, problems: problems.slice(0, MOST_PROBLEMS) }
  }
  const repeated = findRepeatedNames(root).map(({ name, offset }) => ({
    ...positionAt(text, offset),
    message: `"${name}" is given twice in one object; the second would silently win`,
  }))
  if (repeated.length > 0) return { ok: false, problems: repeated.slice(0, MOST_PROBLEMS) }
  const locate = (pointer: string) => positionAt(text, findNearest(root, pointer).offset)
  return { ok: true, document: { value: getNodeValue(root), locate } }
}

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

/** `CloseBraceExpected` becomes "close brace expected". */
function toWords(code: string): string {
  return code.replaceAll(/(?<=.)([A-Z])/g, ' $1').toLowerCase()
}

interface RepeatedName {
  readonly name: string
  readonly offset: number
}

function findRepeatedNames(node: Node): RepeatedName[] {
  const children = node.children ?? []
  const seen = new Set<string>()
  const repeated: RepeatedName[] = []
  for (const child of children) {
    const name = child.type === 'property' ? String(child.children?.[0]?.value) : undefined
    if (name !== undefined && seen.has(name)) repeated.push({ name, offset: child.offset })
    if (name !== undefined) seen.add(name)
    repeated.push(...findRepeatedNames(child))
  }
  return repeated
}

function findNearest(root: Node, pointer: string): Node {
  let node = root
  for (const escaped of pointer.split('/').slice(1)) {
    const key = escaped.replaceAll('~1', '/').replaceAll('~0', '~')
    const child = findNodeAtLocation(node, [node.type === 'array' ? Number(key) : key])
    if (!child) return node
    node = child
  }
  return node
}
