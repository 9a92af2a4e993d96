import * as z from 'zod'

/** One thing wrong, or worth a warning, in what an operator wrote: where, what, and what to do about it. */
export const Problem = z.strictObject({
  severity: z.enum(['error', 'warning']),
  path: z.string().describe('JSON pointer (RFC 6901) to the place, "" for the whole document.'),
  message: z.string(),
  cure: z.string(),
})
export type Problem = z.output<typeof Problem>

/** The JSON pointer (RFC 6901) of a path of keys. */
export function toPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
