import type { Outcome } from './command.ts'
import { onlyFile, parseCommand } from './command.ts'
import { readConfigFile } from './config-file.ts'
import { fromUser } from './user-path.ts'

export const CHECK_USAGE = `portolan check FILE
  Says everything that is wrong with a configuration, with its place and its cure. Exit 1 when there is an error.`

/** `portolan check`: parses a configuration offline, as the admin API would. */
export function runCheck(args: readonly string[]): Outcome {
  const parsed = parseCommand(args, { help: { type: 'boolean', short: 'h' } })
  if (!parsed.ok) return { code: 1, lines: [parsed.error, '', CHECK_USAGE] }
  if (parsed.values.help === true) return { code: 0, lines: [CHECK_USAGE] }
  const typed = onlyFile(parsed.positionals)
  if (typed === undefined) return { code: 1, lines: ['check takes one file', '', CHECK_USAGE] }
  const file = readConfigFile(fromUser(typed))
  if (!file.ok) return { code: 1, lines: file.errors }
  const { pools, routes } = file.config
  const origins = Object.values(pools).flatMap((pool) => Object.keys(pool.origins))
  const counts = [
    count(Object.keys(routes).length, 'route'),
    count(Object.keys(pools).length, 'pool'),
    count(origins.length, 'origin'),
  ]
  return { code: 0, lines: [...file.warnings, `${typed}: no errors (${counts.join(', ')})`] }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
