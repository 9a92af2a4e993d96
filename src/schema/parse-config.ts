import type * as z from 'zod'
import { Config } from './config.ts'
import { type Problem, toPointer } from './problem.ts'
import { checkReferences } from './references.ts'
import { warnPlanned } from './warnings.ts'

/** A configuration that may be used, with its warnings; or everything that is wrong with it. */
export type ParsedConfig =
  | { readonly ok: true; readonly config: Config; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Most problems told at once: enough to work through, bounded for a hostile document. */
const MOST_PROBLEMS = 100

/** Parses what an operator wrote. Never throws; every problem has its path and its cure. */
export function parseConfig(authored: unknown): ParsedConfig {
  const parsed = Config.safeParse(authored)
  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, MOST_PROBLEMS).map(toProblem)
    return { ok: false, problems }
  }
  const errors = checkReferences(parsed.data)
  if (errors.length > 0) return { ok: false, problems: errors.slice(0, MOST_PROBLEMS) }
  const warnings = warnPlanned(parsed.data)
  return { ok: true, config: parsed.data, problems: warnings.slice(0, MOST_PROBLEMS) }
}

function toProblem(issue: z.core.$ZodIssue): Problem {
  const path = toPointer(issue.path)
  return { severity: 'error', path, message: issue.message, cure: cureOf(issue) }
}

function cureOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `remove ${issue.keys.map((key) => `"${key}"`).join(', ')}, or correct the spelling`
    case 'invalid_type':
      return `give a value of type ${issue.expected}`
    case 'invalid_value':
      return `use one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`
    case 'too_big':
      return `use at most ${issue.maximum}`
    case 'too_small':
      return `use at least ${issue.minimum}`
    case 'invalid_union':
      return unionCure(issue)
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues[0]?.message ?? 'see the reference of the configuration'
    case 'invalid_format':
    case 'not_multiple_of':
    case 'custom':
      return 'change the value to what the message asks for'
  }
}

function unionCure(issue: z.core.$ZodIssueInvalidUnion): string {
  if ('options' in issue && issue.options !== undefined) {
    const options = issue.options.map((option) => JSON.stringify(option)).join(', ')
    return `set "${issue.discriminator}" to one of ${options}`
  }
  const messages = issue.errors.map((branch) => branch[0]?.message ?? '').filter(Boolean)
  return `either ${[...new Set(messages)].join(', or ')}`
}
