import type { Chance } from '../chance.ts'

/** What readers ask for, and what the origin says of it. */
export interface Trace {
  readonly name: string
  readonly objects: number
  /**
   * Of Zipf's law. Breslau et al. (INFOCOM 1999) measured 0.64 to 0.83 at proxies; in front of one site, whose home page
   * everybody reads, it is about 1.
   */
  readonly exponent: number
  readonly requestsPerSecond: number
  readonly seconds: number
  /** The median of a log-normal distribution. */
  readonly medianBytes: number
  readonly freshSeconds: { readonly least: number; readonly most: number }
  readonly staleWhileRevalidateSeconds: number
  /** Of the requests: what they get is nobody else's. */
  readonly privateShare: number
}

/** Files of a site: each is fresh for an hour to a day. */
export const STATIC: Trace = {
  name: 'static',
  objects: 10_000,
  exponent: 0.9,
  requestsPerSecond: 60,
  seconds: 7200,
  medianBytes: 12_000,
  freshSeconds: { least: 3600, most: 86_400 },
  staleWhileRevalidateSeconds: 0,
  privateShare: 0,
}

/** Public pages of users: fresh for five minutes; one request in twenty is somebody's own view of it. */
export const PROFILES: Trace = {
  name: 'profiles',
  objects: 5000,
  exponent: 1,
  requestsPerSecond: 60,
  seconds: 7200,
  medianBytes: 8000,
  freshSeconds: { least: 300, most: 300 },
  staleWhileRevalidateSeconds: 900,
  privateShare: 0.05,
}

/** Lists that change all the time: fresh for 15 s, and of use for a minute more. */
export const FEEDS: Trace = {
  name: 'feeds',
  objects: 500,
  exponent: 1,
  requestsPerSecond: 60,
  seconds: 7200,
  medianBytes: 20_000,
  freshSeconds: { least: 15, most: 15 },
  staleWhileRevalidateSeconds: 60,
  privateShare: 0,
}

/** Draws objects so that the one of rank n is asked for n^-exponent as often as the first. */
export function createRanks({ objects, exponent }: Trace, chance: Chance): () => number {
  const sums = new Float64Array(objects)
  let sum = 0
  for (let rank = 0; rank < objects; rank += 1) {
    sum += (rank + 1) ** -exponent
    sums[rank] = sum
  }
  return () => firstAbove(sums, chance.draw() * sum)
}

function firstAbove(sums: Float64Array, drawn: number): number {
  let low = 0
  let high = sums.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sums[middle] ?? 0) <= drawn) low = middle + 1
    else high = middle
  }
  return low
}

/** The size of an object: log-normal with a spread of 1 (Barford and Crovella, SIGMETRICS 1998), at most a megabyte. */
export function drawBytes({ medianBytes }: Trace, chance: Chance): number {
  const normal = Math.sqrt(-2 * Math.log(1 - chance.draw())) * Math.cos(2 * Math.PI * chance.draw())
  return Math.round(Math.min(1_048_576, medianBytes * Math.exp(normal)))
}
