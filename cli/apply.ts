import type { Change, PutAnswer } from './admin-client.ts'
import { putConfig } from './admin-client.ts'
import type { Outcome } from './command.ts'
import { onlyFile, parseCommand } from './command.ts'
import { describeProblem, readConfigFile } from './config-file.ts'
import { readApi } from './router-api.ts'
import { fromUser } from './user-path.ts'

export const APPLY_USAGE = `portolan apply FILE --to URL [--token T] [--dry-run]
  Sends a configuration to a router and shows what it changes. URL is where the router is reached, such as
  https://www.example.com; with a path where the prefix is not /_portolan. The environment
  variables PORTOLAN_URL and PORTOLAN_ADMIN_TOKEN may stand for --to and --token. --dry-run changes nothing.`

/** `portolan apply`: checks a configuration offline, then sends it to the admin API. */
export async function runApply(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, {
    to: { type: 'string' },
    token: { type: 'string' },
    'dry-run': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  })
  if (!parsed.ok) return wrong(parsed.error)
  const { values } = parsed
  if (values.help === true) return { code: 0, lines: [APPLY_USAGE] }
  const typed = onlyFile(parsed.positionals)
  if (typed === undefined) return wrong('apply takes one file')
  const read = readApi(values)
  if (!read.ok) return wrong(read.error)
  const file = readConfigFile(fromUser(typed))
  if (!file.ok) return { code: 1, lines: file.errors }
  const isDryRun = values['dry-run'] === true
  const answer = await putConfig(read.api, file.authored, isDryRun ? 'try' : 'apply')
  return toOutcome(answer, isDryRun ? 'would be revision' : 'is revision')
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', APPLY_USAGE] }
}

function toOutcome(answer: PutAnswer, isRevision: string): Outcome {
  if (!answer.ok) {
    return { code: 1, lines: [answer.error, ...answer.problems.map(describeProblem)] }
  }
  const { outcome, revision, problems, diff, diffOmitted } = answer.applied
  const warnings = problems.map((problem) => `warning: ${describeProblem(problem)}`)
  if (outcome === 'unchanged') {
    return { code: 0, lines: [...warnings, `nothing changes: revision ${revision} says the same`] }
  }
  const more = diffOmitted > 0 ? [`  and ${diffOmitted} more`] : []
  return {
    code: 0,
    lines: [...warnings, ...diff.map(describeChange), ...more, `this ${isRevision} ${revision}`],
  }
}

/** One line: what was added (+), removed (-) or changed (~). */
function describeChange({ path, before, after }: Change): string {
  if (before === undefined) return `+ ${path}: ${JSON.stringify(after)}`
  if (after === undefined) return `- ${path}: ${JSON.stringify(before)}`
  return `~ ${path}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`
}
