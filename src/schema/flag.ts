import * as z from 'zod'

/** A yes or no in a query. An enum, because `z.stringbool` tells JSON Schema nothing of what it takes. */
export const Flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true')
