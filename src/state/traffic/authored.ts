/**
 * A configuration as authored, with other weights for one route; undefined when it has no such route that
 * steers by one set of pools. Nothing else of the document changes.
 */
export function withAuthoredWeights(
  authored: unknown,
  route: string,
  weights: Readonly<Record<string, number>>,
): unknown {
  const routes = memberOf(authored, 'routes')
  const steer = memberOf(memberOf(routes, route), 'steer')
  if (!isRecord(authored) || !isRecord(routes) || !isRecord(steer)) return undefined
  const { policy } = steer
  if (policy === 'geo' || typeof policy !== 'string') return undefined
  const field = policy === 'weighted' ? 'weights' : 'pools'
  const edited = { ...memberOf(routes, route), steer: { ...steer, [field]: { ...weights } } }
  return { ...authored, routes: { ...routes, [route]: edited } }
}

function memberOf(value: unknown, name: string): Record<string, unknown> | undefined {
  if (!isRecord(value) || !Object.hasOwn(value, name)) return undefined
  const member = value[name]
  return isRecord(member) ? member : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
