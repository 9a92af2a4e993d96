import * as z from 'zod'
import { ClientFacts } from '../schema/facts.ts'
import { Location } from '../schema/place.ts'

/** Stands, in local mode only, for what the edge would know of the client. Never reaches an origin. */
export const LOCAL_FACTS_HEADER = 'portolan-facts'

/** As `ClientFacts`, with latitude and longitude flat, as the edge has them. */
const LocalFacts = ClientFacts.omit({ location: true })
  .extend({
    latitude: Location.shape.latitude.optional(),
    longitude: Location.shape.longitude.optional(),
  })
  .transform(({ latitude, longitude, ...facts }, context): ClientFacts => {
    if (latitude === undefined && longitude === undefined) return facts
    if (latitude !== undefined && longitude !== undefined) {
      return { ...facts, location: { latitude, longitude } }
    }
    context.addIssue({ code: 'custom', message: 'latitude and longitude go together' })
    return z.NEVER
  })

/** The facts, or what is wrong with the header in a sentence. */
export type ParsedLocalFacts =
  | { readonly ok: true; readonly facts: ClientFacts }
  | { readonly ok: false; readonly detail: string }

/** Reads the header. The facts are those it gives and no others, but for the address that the client has. */
export function parseLocalFacts(header: string, ip: string | undefined): ParsedLocalFacts {
  const parsed = LocalFacts.safeParse(parseJson(header))
  if (parsed.success) {
    return { ok: true, facts: ip === undefined ? parsed.data : { ip, ...parsed.data } }
  }
  const issues = parsed.error.issues.map(({ path, message }) =>
    `${path.join('.')} ${message}`.trim(),
  )
  return {
    ok: false,
    detail: `The header ${LOCAL_FACTS_HEADER} is not usable: ${issues.join('; ')}.`,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the schema says what is expected instead.
    return undefined
  }
}
