#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { AFFINITY_USAGE, runAffinity } from './affinity.ts'
import { APPLY_USAGE, runApply } from './apply.ts'
import { CACHE_USAGE, runCache } from './cache.ts'
import { CHECK_USAGE, runCheck } from './check.ts'
import type { Command, Outcome } from './command.ts'
import { CONFIRM_USAGE, runConfirm } from './confirm.ts'
import { DNS_USAGE, runDns } from './dns.ts'
import { DRAINED_USAGE, runDrained } from './drained.ts'
import { EXPLAIN_USAGE, runExplain } from './explain.ts'
import {
  LOOK_USAGE,
  runConfirmations,
  runNotifications,
  runOrigins,
  runPools,
  runRamps,
  runShifts,
} from './look.ts'
import { NOTIFY_USAGE, runNotify } from './notify.ts'
import { ORIGIN_USAGE, runOrigin } from './origin.ts'
import { PROBE_USAGE, runProbe } from './probe.ts'
import { RAMP_USAGE, runRamp } from './ramp.ts'
import { runSession, runSessions, SESSION_USAGE, SESSIONS_USAGE } from './sessions.ts'
import { SHED_USAGE, runShed } from './shed.ts'
import { SHIFT_USAGE, runShift } from './shift.ts'
import { runSimulate, SIMULATE_USAGE } from './simulate.ts'
import { STATE_USAGE, runState } from './state.ts'
import { WEIGHTS_USAGE, runWeights } from './weights.ts'

const COMMANDS: Readonly<Record<string, Command>> = {
  check: runCheck,
  explain: runExplain,
  simulate: runSimulate,
  apply: runApply,
  origins: runOrigins,
  origin: runOrigin,
  pools: runPools,
  ramps: runRamps,
  shifts: runShifts,
  confirmations: runConfirmations,
  notifications: runNotifications,
  probe: runProbe,
  state: runState,
  drained: runDrained,
  dns: runDns,
  cache: runCache,
  shed: runShed,
  affinity: runAffinity,
  sessions: runSessions,
  session: runSession,
  weights: runWeights,
  shift: runShift,
  ramp: runRamp,
  confirm: runConfirm,
  notify: runNotify,
}

const USAGES = [
  CHECK_USAGE,
  EXPLAIN_USAGE,
  SIMULATE_USAGE,
  APPLY_USAGE,
  LOOK_USAGE,
  ORIGIN_USAGE,
  PROBE_USAGE,
  STATE_USAGE,
  DRAINED_USAGE,
  DNS_USAGE,
  CACHE_USAGE,
  SHED_USAGE,
  AFFINITY_USAGE,
  SESSIONS_USAGE,
  SESSION_USAGE,
  WEIGHTS_USAGE,
  SHIFT_USAGE,
  RAMP_USAGE,
  CONFIRM_USAGE,
  NOTIFY_USAGE,
]

const USAGE = [
  'portolan: checks, explains and applies configurations, shows how traffic stands, and moves it.',
  '',
  ...USAGES.map((usage) => `  ${usage.split('\n', 1).join('')}`),
  '',
  '"portolan COMMAND --help" says what a command does, and all its options.',
].join('\n')

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
