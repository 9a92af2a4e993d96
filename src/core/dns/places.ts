import type { ClientFacts } from '../../schema/facts.ts'
import type { Place } from '../../schema/dns-record-set.ts'
import type { PoolSet, Steer } from '../../schema/steer.ts'
import { continentOf } from './continent.ts'

type Geo = Extract<Steer, { policy: 'geo' }>

/** A place that a route names, as DNS knows places, and a client who is there. */
export interface NamedPlace {
  /** Unique among them: "default", "continent-EU", "country-DE", "region-US-CA". */
  readonly id: string
  readonly place: Place
  readonly client: ClientFacts
  readonly set: PoolSet
}

/**
 * Every place of a route, from wide to narrow, the default first. AS numbers are none: DNS asks for the country of a
 * resolver, not for its network. Nor is "T1" or "XX": where nobody is. Of regions there are those of these countries.
 */
export function placesOf(geo: Geo, regionsOf: readonly string[]): NamedPlace[] {
  const everywhere: NamedPlace = { id: 'default', place: 'default', client: {}, set: geo.default }
  return [
    everywhere,
    ...Object.entries(geo.continents).map(([name, set]) => {
      const continent = name as keyof typeof geo.continents
      return { id: `continent-${name}`, place: { continent }, client: { continent }, set }
    }),
    ...Object.entries(geo.countries).flatMap(([country, set]) => {
      const client = clientIn(country)
      return client ? [{ id: `country-${country}`, place: { country }, client, set }] : []
    }),
    ...Object.entries(geo.regions).flatMap(([region, set]) => {
      const country = region.slice(0, 2)
      const client = { ...clientIn(country), region }
      const isKnown = regionsOf.includes(country)
      return isKnown ? [{ id: `region-${region}`, place: { region }, client, set }] : []
    }),
  ]
}

/** A client of a narrow place is in the wider ones, too: their pools stand behind its own. */
function clientIn(country: string): ClientFacts | undefined {
  const continent = continentOf(country)
  return continent && { country, continent }
}
