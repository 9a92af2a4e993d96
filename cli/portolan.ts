#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { APPLY_USAGE, runApply } from './apply.ts'
import { CHECK_USAGE, runCheck } from './check.ts'
import type { Command, Outcome } from './command.ts'
import { EXPLAIN_USAGE, runExplain } from './explain.ts'

const COMMANDS: Readonly<Record<string, Command>> = {
  check: runCheck,
  explain: runExplain,
  apply: runApply,
}

const USAGE = [
  'portolan: checks, explains and applies configurations of the router.',
  CHECK_USAGE,
  EXPLAIN_USAGE,
  APPLY_USAGE,
].join('\n\n')

await main()

async function main(): Promise<void> {
  const { code, lines } = await run(process.argv.slice(2))
  const text = lines.map((line) => `${line}\n`).join('')
  if (code === 0) process.stdout.write(text)
  else process.stderr.write(text)
  process.exitCode = code
}

function run([name = '--help', ...args]: readonly string[]): Promise<Outcome> | Outcome {
  if (name === '--help' || name === '-h' || name === 'help') return { code: 0, lines: [USAGE] }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  return command?.(args) ?? { code: 1, lines: [`there is no command "${name}"`, '', USAGE] }
}
