/** Who wants seats: how many it could fill, and its weight among the others, above 0. */
export interface Claim {
  readonly most: number
  readonly weight: number
}

/**
 * Seats in turns: one for each claim, then a second, until all are taken or nobody can fill more. A claim that goes
 * takes no seat from another.
 */
export function seatsInTurns(claims: readonly Claim[], seats: number): number[] {
  const taken = claims.map(() => 0)
  let left = seats
  for (let turn = 1; left > 0 && claims.some(({ most }) => most >= turn); turn += 1) {
    for (const [at, { most }] of claims.entries()) {
      if (most < turn || left === 0) continue
      taken[at] = turn
      left -= 1
    }
  }
  return taken
}

/**
 * Seats by weight, one at least for each claim: of every number of seats from `bounds.least` to `bounds.most` that
 * which comes nearest to the weights, the larger one of equals. More claims than seats: the heaviest have one each.
 */
export function seatsByWeight(
  claims: readonly Claim[],
  bounds: { readonly least: number; readonly most: number },
): number[] {
  const fillable = claims.reduce((sum, { most }) => sum + most, 0)
  const most = Math.min(bounds.most, fillable)
  if (claims.length >= most) return heaviest(claims, most)
  let best = divide(claims, most)
  for (let seats = most - 1; seats >= Math.max(claims.length, bounds.least); seats -= 1) {
    const other = divide(claims, seats)
    if (errorOf(claims, other) < errorOf(claims, best) - TINY) best = other
  }
  return best
}

/** Errors that differ by less are equal: shares are no exact numbers. */
const TINY = 1e-9

function heaviest(claims: readonly Claim[], seats: number): number[] {
  const order = [...claims.keys()].toSorted(
    (one, other) => (claims[other]?.weight ?? 0) - (claims[one]?.weight ?? 0),
  )
  const seated = new Set(order.slice(0, seats))
  return claims.map((_, at) => (seated.has(at) ? 1 : 0))
}

/** One each, and every further seat to whom it brings nearest to its share (the divisors of Sainte-Laguë). */
function divide(claims: readonly Claim[], seats: number): number[] {
  const taken = claims.map(() => 1)
  for (let left = seats - claims.length; left > 0; left -= 1) {
    let next = -1
    let highest = -1
    for (const [at, { weight, most }] of claims.entries()) {
      const own = taken[at] ?? 0
      const quotient = own < most ? weight / (2 * own + 1) : -1
      if (quotient > highest) [next, highest] = [at, quotient]
    }
    if (next < 0) break
    taken[next] = (taken[next] ?? 0) + 1
  }
  return taken
}

function errorOf(claims: readonly Claim[], taken: readonly number[]): number {
  const weights = claims.reduce((sum, { weight }) => sum + weight, 0)
  const seats = taken.reduce((sum, own) => sum + own, 0)
  return claims.reduce((sum, { weight }, at) => {
    return sum + Math.abs((taken[at] ?? 0) / seats - weight / weights)
  }, 0)
}
