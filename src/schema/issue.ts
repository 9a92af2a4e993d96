import type * as z from 'zod'
import { type Problem, toPointer } from './problem.ts'

/** Longest text of a problem: names and values in it are what somebody sent, and may be megabytes. */
const LONGEST_TEXT = 512

/** Tells what zod found wrong as a problem with its cure. */
export function toProblem(issue: z.core.$ZodIssue): Problem {
  const path = shorten(toPointer(issue.path))
  return { severity: 'error', path, message: shorten(issue.message), cure: shorten(cureOf(issue)) }
}

function shorten(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
}

function cureOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `remove ${issue.keys.map((key) => `"${key}"`).join(', ')}, or correct the spelling`
    case 'invalid_type':
      return `give a value of type ${issue.expected === 'record' ? 'object' : issue.expected}`
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
  const hints = issue.errors.flatMap(([first]) => (first ? [hintOf(first)] : []))
  return `either ${[...new Set(hints)].join(', or ')}`
}

/** What stands for a branch of a union, whose message is not told itself. */
function hintOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_format' || issue.code === 'custom' ? issue.message : cureOf(issue)
}
