import { readFileSync } from 'node:fs'
import { CONFIG_LIMITS } from '../src/schema/config-limits.ts'
import type { Config } from '../src/schema/config.ts'
import { parseConfig } from '../src/schema/parse-config.ts'
import type { Problem } from '../src/schema/problem.ts'
import { parseJsonc } from './jsonc.ts'
import type { JsoncDocument } from './jsonc.ts'
import { toUser } from './user-path.ts'

/** A configuration file that may be used; or what is wrong with it, one line per problem. */
export type ConfigFile =
  | {
      readonly ok: true
      readonly authored: unknown
      readonly config: Config
      readonly warnings: readonly string[]
    }
  | { readonly ok: false; readonly errors: readonly string[] }

/** Reads a configuration of JSON with comments. Never throws for what the file is or says. */
export function readConfigFile(path: string): ConfigFile {
  const shown = toUser(path)
  const text = readText(path)
  if (!text.ok) return { ok: false, errors: [`${shown}: ${text.error}`] }
  const parsed = parseJsonc(text.text)
  if (!parsed.ok) {
    const errors = parsed.problems.map((at) => `${shown}:${at.line}:${at.column}: ${at.message}`)
    return { ok: false, errors }
  }
  const { document } = parsed
  const result = parseConfig(document.value)
  const lines = result.problems.map((problem) => toLine(shown, document, problem))
  if (!result.ok) return { ok: false, errors: lines }
  return { ok: true, authored: document.value, config: result.config, warnings: lines }
}

/** What a problem says, without its place: pointer, message and cure. */
export function describeProblem({ path, message, cure }: Problem): string {
  return `${path === '' ? 'the whole document' : path}: ${message} (cure: ${cure})`
}

function toLine(file: string, document: JsoncDocument, problem: Problem): string {
  const { line, column } = document.locate(problem.path)
  return `${file}:${line}:${column}: ${describeProblem(problem)}`
}

type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly error: string }

function readText(path: string): ReadText {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    return { ok: false, error: toReadError(error) }
  }
  if (bytes.byteLength > CONFIG_LIMITS.bytes) {
    return {
      ok: false,
      error: `${bytes.byteLength} bytes; a configuration has at most ${CONFIG_LIMITS.bytes}`,
    }
  }
  // Takes away the byte order mark that some editors write and no JSON parser takes (RFC 8259 §8.1).
  return { ok: true, text: new TextDecoder().decode(bytes) }
}

function toReadError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'no such file',
    EISDIR: 'is a directory, not a file',
    EACCES: 'may not be read: permission denied',
    ENOTDIR: 'no such file: a part of the path is not a directory',
  }
  return words[code] ?? `cannot be read: ${error instanceof Error ? error.message : String(error)}`
}
