import * as z from 'zod'

/** The name of the binding that holds a secret: the secret itself never stands in a configuration. */
export const SecretName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, {
    error: 'a secret is named as its binding is, such as "PROBE_TOKEN"',
  })
  .refine((name) => !name.startsWith('PORTOLAN_'), {
    error: 'names that start with PORTOLAN_ are of the router itself and are not handed out',
  })
  .describe('Name of a secret of the Worker: `wrangler secret put NAME`.')
