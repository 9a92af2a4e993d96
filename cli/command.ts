import { parseArgs } from 'node:util'
import type { ParseArgsOptionsConfig } from 'node:util'

/** What a command came to: its lines go to stdout when all is well, and to stderr otherwise. */
export interface Outcome {
  readonly code: 0 | 1
  readonly lines: readonly string[]
}

/** A command of the command line, given the arguments after its name. Rejects only by mistake of its own. */
export type Command = (args: readonly string[]) => Promise<Outcome> | Outcome

/** Reads the arguments of a command; or says in one line what is wrong with them. */
export function parseCommand<Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
) {
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
    return { ok: true, values: parsed.values, positionals: parsed.positionals } as const
  } catch (error) {
    // parseArgs throws for what a user types; its first sentence names it, the rest is advice to programmers.
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, error: message.split(/\. |\n/)[0] ?? message } as const
  }
}

/** The one file that a command is about, or why there is none. */
export function onlyFile(positionals: readonly string[]): string | undefined {
  return positionals.length === 1 ? positionals[0] : undefined
}
