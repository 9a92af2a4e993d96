import { isEjected, type OutlierContext, type OutlierState } from './outlier.ts'

/**
 * The circuit of an origin (Nygard, Release It!, ch. 5): `closed`, all may go there; `open`, it is ejected;
 * `half-open`, the ejection is over, and a few requests at a time try it.
 */
export type Circuit = 'closed' | 'open' | 'half-open'

/** How the circuit stands. */
export function circuitOf(
  state: OutlierState,
  context: Pick<OutlierContext, 'settings' | 'nowMs'>,
): Circuit {
  if (isEjected(state, context)) return 'open'
  return state.trialsLeft > 0 ? 'half-open' : 'closed'
}
