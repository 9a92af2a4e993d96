import { type JSONVisitor, printParseErrorCode, visit } from 'jsonc-parser'
import type { Problem } from '../schema/problem.ts'

/** A syntax error with its place as editors count it, both from 1. */
export interface SyntaxProblem extends Problem {
  readonly line: number
  readonly column: number
}

/** What a text says, or everything that keeps it from being JSON with comments. */
export type ReadJsonc =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problems: readonly SyntaxProblem[] }

/** Most errors told at once: one slip of the pen can unsettle all that follows it. */
const MOST_PROBLEMS = 10

/** Deeper than anything the schema knows, and far less than the stack of a recursive parser holds. */
const DEEPEST = 64

/** Most characters shown of a name. */
const LONGEST_NAME = 64

/** Ends the parser's walk; it knows no other way out. */
class Enough extends Error {}

/**
 * Reads JSON with comments and trailing commas. A name that an object gives twice is an error: the second
 * would silently win. Builds the value from the parser's events and no syntax tree, which for a document
 * of some megabytes would not fit in the memory of an isolate.
 */
export function readJsonc(text: string): ReadJsonc {
  const problems: SyntaxProblem[] = []
  const places = new Set<number>()
  const builder = new ValueBuilder()
  const report = (message: string, offset: number) => {
    // At one place the first error is the news, and what follows from it is noise.
    if (places.has(offset)) return
    places.add(offset)
    problems.push(toProblem(message, toPlace(text, offset)))
    if (problems.length === MOST_PROBLEMS) throw new Enough()
  }
  const open = (container: Container, offset: number) => {
    builder.open(container)
    if (builder.depth <= DEEPEST) return
    report(`nested deeper than ${DEEPEST} levels`, offset)
    throw new Enough()
  }
  const visitor: JSONVisitor = {
    onObjectBegin: (offset) => open({}, offset),
    onArrayBegin: (offset) => open([], offset),
    onObjectEnd: () => builder.close(),
    onArrayEnd: () => builder.close(),
    onLiteralValue: (value: unknown) => builder.add(value),
    onObjectProperty(name, offset) {
      if (!builder.name(name)) report(`${quote(name)} is given twice in one object`, offset)
      // Assigning to it changes what an object inherits, and a record's schema passes over it in silence.
      if (name === '__proto__') report('"__proto__" is no name for anything here', offset)
    },
    onError: (code, offset) => report(toWords(printParseErrorCode(code)), offset),
  }
  try {
    visit(text, visitor, { allowTrailingComma: true })
  } catch (error) {
    if (!(error instanceof Enough)) throw error
  }
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, value: builder.value }
}

interface Place {
  readonly line: number
  readonly column: number
}

function toPlace(text: string, offset: number): Place {
  const lines = text.slice(0, offset).split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}

function toProblem(what: string, place: Place): SyntaxProblem {
  const message = `line ${place.line}, column ${place.column}: ${what}`
  const cure = 'correct the text there; comments and trailing commas are fine'
  return { severity: 'error', path: '', message, cure, ...place }
}

/** A name may be as long as the whole text. */
function quote(name: string): string {
  return JSON.stringify(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name)
}

/** `CloseBraceExpected` becomes "close brace expected". */
function toWords(code: string): string {
  return code.replaceAll(/(?<=.)([A-Z])/g, ' $1').toLowerCase()
}

type Container = Record<string, unknown> | unknown[]

/** Puts together a value from the events of a walk through its text. */
class ValueBuilder {
  value: unknown
  private readonly containers: Container[] = []
  private readonly names: string[] = []

  get depth(): number {
    return this.containers.length
  }

  open(container: Container): void {
    this.add(container)
    this.containers.push(container)
    this.names.push('')
  }

  close(): void {
    this.containers.pop()
    this.names.pop()
  }

  /** Names the value to come; false when its object has that name already. */
  name(name: string): boolean {
    this.names[this.names.length - 1] = name
    return !Object.hasOwn(this.containers.at(-1) ?? {}, name)
  }

  add(value: unknown): void {
    const container = this.containers.at(-1)
    if (container === undefined) this.value = value
    else if (Array.isArray(container)) container.push(value)
    else container[this.names.at(-1) ?? ''] = value
  }
}
