import { boundCourse } from './affinity/course.ts'
import { attemptsOf, lineUp } from './attempts.ts'
import type { AffinityDecision } from './decision.ts'
import { type Course, findCourse, type Refusal } from './search.ts'
import type { Situation } from './situation.ts'
import type { CompiledRoute, CompiledSteer } from './snapshot.ts'

/** Where a request of a route that steers goes, or why nowhere. */
export function courseOf(
  route: CompiledRoute,
  steer: CompiledSteer,
  situation: Situation,
): Course | Refusal {
  if (route.isPlain) return findCourse(route, steer, situation)
  const { writes } = route
  if (writes && isWrite(situation)) return untouched(route, findCourse(route, writes, situation))
  const read = route.route.affinity
    ? boundCourse(route, steer, situation)
    : findCourse(route, steer, situation)
  return writes && hasWritten(situation) ? behindWriter(route, read, situation) : read
}

/** The methods that are safe (RFC 9110 §9.2.1): every other may change something. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Whether a request belongs where the writes of its route go, whatever it is. */
export function isWrite({ facts }: Pick<Situation, 'facts'>): boolean {
  return !SAFE.has(facts.method)
}

/** Whether a client has written so lately that it reads where it wrote. */
export function hasWritten({ facts }: Situation): boolean {
  return facts.wroteUntilMs !== undefined && facts.wroteUntilMs > facts.nowMs
}

/** The readers stand behind the writer: an answer that may be stale is better than none. */
function behindWriter(
  route: CompiledRoute,
  read: Course | Refusal,
  situation: Situation,
): Course | Refusal {
  const { writes } = route
  if (writes === undefined) return read
  const most = route.route.retry.attempts
  const { origins, turns } = attemptsOf(writes, situation, { most, tolerance: 'none' })
  if (origins.length === 0) return read
  const readers = read.type === 'course' ? read.origins : []
  const line = lineUp(origins, readers, most)
  return untouched(route, { type: 'course', origins: line, turns, tolerance: 'none' })
}

/** What goes where writes go neither follows a bond nor makes one. */
export const UNTOUCHED: AffinityDecision = Object.freeze({
  kept: undefined,
  left: undefined,
  binds: false,
})

function untouched({ route }: CompiledRoute, course: Course | Refusal): Course | Refusal {
  return route.affinity && course.type === 'course' ? { ...course, affinity: UNTOUCHED } : course
}
