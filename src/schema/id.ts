import * as z from 'zod'

/** The name of a pool, origin, route, monitor, ramp or DNS record, as it appears in URLs, headers and logs. */
export const Id = z
  .string()
  .regex(/^[a-z][a-z0-9_.-]{0,62}$/, {
    error:
      'an id starts with a lower-case letter and goes on with at most 62 of a-z, 0-9, "_", "." and "-"',
  })
  // The only such name that the pattern lets through: a look-up by it finds what nobody has put there.
  .refine((id) => id !== 'constructor', {
    error: '"constructor" names something else in every JavaScript object: take another id',
  })
  .describe('Lower-case name, at most 63 characters (the length of a DNS label, RFC 1035 §2.3.4).')
