import {
  createScanner,
  findNodeAtLocation,
  getNodeValue,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
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

/** Deeper than anything the schema knows, and far less than the stack of a recursive parser holds. */
const DEEPEST = 64

/** Reads JSON with comments and trailing commas. A name that an object gives twice is a problem too. */
export function parseJsonc(text: string): ParsedJsonc {
  const tooDeep = findTooDeep(text)
  if (tooDeep !== undefined) {
    const message = `nested deeper than ${DEEPEST} levels`
    return { ok: false, problems: [{ ...positionAt(text, tooDeep), message }] }
  }
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true })
  if (!root || errors.length > 0) {
    const problems = errors.map(({ error, offset }) => ({
      ...positionAt(text, offset),
      message: toWords(printParseErrorCode(error)),
    }))
    return { ok: false, problems: problems.slice(0, MOST_PROBLEMS) }
  }
  const misnamed = findMisnamed(root).map(({ message, offset }) => ({
    ...positionAt(text, offset),
    message,
  }))
  if (misnamed.length > 0) return { ok: false, problems: misnamed.slice(0, MOST_PROBLEMS) }
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

interface Misnamed {
  readonly message: string
  readonly offset: number
}

function findMisnamed(node: Node): Misnamed[] {
  const seen = new Set<string>()
  const found: Misnamed[] = []
  for (const child of node.children ?? []) {
    const name = child.type === 'property' ? String(child.children?.[0]?.value) : undefined
    if (name !== undefined) {
      const message = whyMisnamed(name, seen)
      if (message !== undefined) found.push({ message, offset: child.offset })
      seen.add(name)
    }
    found.push(...findMisnamed(child))
  }
  return found
}

function whyMisnamed(name: string, seen: ReadonlySet<string>): string | undefined {
  if (seen.has(name)) return `"${name}" is given twice in one object; the second would silently win`
  // A record's schema passes over it in silence.
  return name === '__proto__' ? '"__proto__" is no name for anything here' : undefined
}

/** Where the nesting gets deeper than it may, if it does. */
function findTooDeep(text: string): number | undefined {
  const scanner = createScanner(text, true)
  let depth = 0
  for (scanner.scan(); scanner.getTokenOffset() < text.length; scanner.scan()) {
    const offset = scanner.getTokenOffset()
    const mark = text.charAt(offset)
    if (mark === '{' || mark === '[') depth += 1
    if (mark === '}' || mark === ']') depth -= 1
    if (depth > DEEPEST) return offset
  }
  return undefined
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
