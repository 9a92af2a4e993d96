import type { Condition } from '../../schema/condition.ts'
import type { PublishedConditions } from '../../schema/snapshot.ts'

type Entries = Readonly<Record<string, Condition>>

/**
 * The conditions of the moment for those who cannot go anywhere by parts, as DNS cannot: what has not its whole share
 * has none, nor has what has still to stand the last step of its recovery. So a recovered pool is in when its ramp is
 * over and not before, and a leaving one is out when it begins to leave. Load that is shed in part is not shed; weights
 * on their way count once they have arrived.
 */
export function toWholeConditions(conditions: PublishedConditions): PublishedConditions {
  const { origins, pools, routes = {} } = conditions
  const arrived = Object.entries(routes).filter(([, { percent = 100 }]) => percent >= 100)
  return {
    origins: wholeEntries(origins),
    pools: wholeEntries(pools),
    routes: Object.fromEntries(arrived),
  }
}

function wholeEntries(entries: Entries): Record<string, Condition> {
  return Object.fromEntries(Object.entries(entries).map(([id, each]) => [id, toWhole(each)]))
}

/** Whether it is still on its way back, though it may be trying its whole share already. */
export function isComingBack({ attempt }: Condition): boolean {
  return attempt !== undefined
}

function toWhole({ shed, ...condition }: Condition): Condition {
  const sharePercent = condition.sharePercent >= 100 && !isComingBack(condition) ? 100 : 0
  const isPutOut = shed !== undefined && shed.newPercent >= 100
  return { ...condition, sharePercent, admitPercent: sharePercent, ...(isPutOut && { shed }) }
}
