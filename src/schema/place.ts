import * as z from 'zod'

/** The seven continent codes that the edge reports. */
export const Continent = z.enum(['AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA'])
export type Continent = z.output<typeof Continent>

/** ISO 3166-1 alpha-2, upper case; `T1` is how the edge marks Tor exits, `XX` an unknown country. */
export const Country = z.string().regex(/^[A-Z][A-Z0-9]$/, {
  error: 'a country is an ISO 3166-1 code of two upper-case letters, such as "DE" (T1 is Tor)',
})

/** ISO 3166-2: country and subdivision, such as `US-CA` or `DE-BE`. */
export const Region = z.string().regex(/^[A-Z]{2}-[A-Z0-9]{1,3}$/, {
  error: 'a region is an ISO 3166-2 code such as "US-CA"',
})

/** An autonomous system number, 32 bits (RFC 6793). */
export const Asn = z.int().min(1).max(4_294_967_295)

/** A point on the globe, in degrees (WGS 84). */
export const Location = z.strictObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
})
export type Location = z.output<typeof Location>
