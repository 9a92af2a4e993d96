import type { ShiftVerdict } from '../schema/explanation.ts'
import { orderingFor, shiftBucket } from './shift.ts'
import type { Situation } from './situation.ts'
import type { CompiledSteer, Ordering } from './snapshot.ts'

/** By which weights a request is steered while those of its route are on their way; none while they are not. */
export function explainShift(steer: CompiledSteer, situation: Situation): ShiftVerdict | undefined {
  const { shift, ordering } = steer
  if (shift === undefined) return undefined
  const { percent } = shift
  const bucket = shiftBucket(shift, situation)
  const used = orderingFor(steer, situation)
  const isFirst = used === shift.ordering
  const by = `by ${isFirst ? 'the target' : 'the configuration'}: ${toWeightWords(used)}`
  const other = isFirst ? ordering : shift.ordering
  const others = `${isFirst ? 'the configuration has' : 'the target is'} ${toWeightWords(other)}`
  return {
    percent,
    bucketPercent: bucket,
    by: isFirst ? 'target' : 'configuration',
    weights: toWeights(used),
    words:
      `weights are ${percent} % on their way; the key falls at ${bucket.toFixed(2)} %, ` +
      `so it goes ${by} (${others})`,
  }
}

function toWeights({ group }: Ordering): Record<string, number> {
  return Object.fromEntries(group.ids.map((id, member) => [id, group.weights[member] ?? 0]))
}

function toWeightWords(ordering: Ordering): string {
  return Object.entries(toWeights(ordering))
    .map(([pool, weight]) => `${pool} ${weight}`)
    .join(', ')
}
