import * as z from 'zod'

/** A key that signs affinity cookies, without its secret. */
export const AffinityKeyView = z.strictObject({
  id: z.string().describe('Stands in every cookie that it has signed.'),
  createdAtMs: z.number(),
  signsFromMs: z
    .number()
    .describe('It is published before it signs, so that every edge knows it by then.'),
  state: z
    .enum(['waiting', 'signing', 'verifying'])
    .describe('Yet to sign; signing now; only verifying what it has signed.'),
  goesAtMs: z
    .number()
    .optional()
    .describe('When nothing that it has signed can be alive; absent while no key follows it.'),
})
export type AffinityKeyView = z.output<typeof AffinityKeyView>
