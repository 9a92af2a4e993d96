import type { Location } from '../../schema/place.ts'

/** A point on the unit sphere. The dot product of two falls as their great-circle distance grows. */
export type Vector = readonly [number, number, number]

const EARTH_RADIUS_KM = 6371.0088

/** Degrees to the unit sphere. */
export function toVector({ latitude, longitude }: Location): Vector {
  const phi = (latitude * Math.PI) / 180
  const lambda = (longitude * Math.PI) / 180
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)]
}

/** Cosine of the angle between two points. */
export function dot(left: Vector, right: Vector): number {
  return left[0] * right[0] + left[1] * right[1] + left[2] * right[2]
}

/** Great-circle distance in kilometres, on a sphere of the IUGG mean radius. */
export function distanceKm(left: Vector, right: Vector): number {
  return Math.acos(Math.min(1, Math.max(-1, dot(left, right)))) * EARTH_RADIUS_KM
}
