import { CACHE_PURGE_USAGE, runCachePurge } from './cache-purge.ts'
import { CACHE_SHOW_USAGE, CACHE_STATS_USAGE, runCacheShow, runCacheStats } from './cache-show.ts'
import type { Command, Outcome } from './command.ts'

export const CACHE_USAGE = `portolan cache purge|show|stats
${[CACHE_PURGE_USAGE, CACHE_SHOW_USAGE, CACHE_STATS_USAGE].join('\n')}`

const COMMANDS: Readonly<Record<string, Command>> = {
  purge: runCachePurge,
  show: runCacheShow,
  stats: runCacheStats,
}

/** `portolan cache`. */
export function runCache([name = '--help', ...args]: readonly string[]):
  | Promise<Outcome>
  | Outcome {
  if (name === '--help' || name === '-h') return { code: 0, lines: [CACHE_USAGE] }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  const unknown = `cache takes purge, show or stats, not "${name}"`
  return command?.(args) ?? { code: 1, lines: [unknown, '', CACHE_USAGE] }
}
