import { describe, expect, it } from 'vitest'
import { distanceKm, dot, toVector } from '../../../src/core/kernel/globe.ts'
import type { Location } from '../../../src/schema/place.ts'
import { CITIES } from '../order/builders.ts'

const { frankfurt, paris, virginia, auckland, honolulu } = CITIES

describe('a point on the globe', () => {
  it('is as far from another as the great circle between them', () => {
    // Published city distances; the sphere is within 0.5 % of the ellipsoid.
    expect(km(frankfurt, paris)).toBeCloseTo(478, -1)
    expect(km(frankfurt, virginia) / 6540).toBeCloseTo(1, 1)
    expect(km(auckland, honolulu) / 7080).toBeCloseTo(1, 1)
  })

  it('knows that the date line and the poles are no edges', () => {
    const west = { latitude: 0, longitude: 179.9 }
    const east = { latitude: 0, longitude: -179.9 }
    expect(km(west, east)).toBeCloseTo(22.24, 1)
    expect(km({ latitude: 90, longitude: 0 }, { latitude: 90, longitude: 123 })).toBeCloseTo(0, 3)
  })

  it('is half way round from its antipode, and nowhere from itself', () => {
    expect(km({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 180 })).toBeCloseTo(20015, 0)
    expect(km(frankfurt, frankfurt)).toBe(0)
    expect(dot(toVector(frankfurt), toVector(frankfurt))).toBeCloseTo(1, 12)
  })
})

function km(left: Location, right: Location): number {
  return distanceKm(toVector(left), toVector(right))
}
