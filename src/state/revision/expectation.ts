import * as z from 'zod'

/** What the current revision has to be for a change to go ahead: RFC 9110 §13.1.1 and §13.1.2. */
export const Expectation = z.union([
  z.enum(['some', 'none']).describe('`If-Match: *` and `If-None-Match: *`.'),
  z.array(z.int()).readonly().describe('One of these revisions.'),
])
export type Expectation = z.output<typeof Expectation>

/** Whether the current revision is as expected; 0 is none yet. */
export function isMet(expect: Expectation | undefined, current: number): boolean {
  if (expect === undefined) return true
  if (expect === 'none') return current === 0
  return current > 0 && (expect === 'some' || expect.includes(current))
}
