import type { PurgeRow, PurgeTarget } from '../../schema/cache-purge.ts'

/** Names a target: the same one has the same name. */
export function nameOfTarget(target: PurgeTarget): string {
  if ('url' in target) return `url ${target.url}`
  if ('tag' in target) return `tag ${target.tag}`
  if ('route' in target) return `route ${target.route}`
  if ('all' in target) return 'all'
  return `host ${target.host}${target.prefix ?? ''}`
}

/** Characters of a row as it is published. */
export function sizeOf(row: PurgeRow): number {
  return JSON.stringify(row).length + 1
}

/**
 * Without the rows that a later one of the same target, or of everything, makes needless: a hard one any, a soft one
 * those that are soft. Rows come and go in rising order of their serials.
 */
export function withoutNeedless(rows: readonly PurgeRow[]): PurgeRow[] {
  const seen = new Set<string>()
  const kept = rows.toReversed().filter(({ target, kind }) => {
    const name = nameOfTarget(target)
    const isNeedless =
      seen.has(`hard ${name}`) ||
      seen.has('hard all') ||
      (kind === 'soft' && (seen.has(`soft ${name}`) || seen.has('soft all')))
    seen.add(`${kind} ${name}`)
    return !isNeedless
  })
  return kept.toReversed()
}
