import { type Notice, NOTICE_LIMITS, Severity } from '../../schema/notice.ts'

/**
 * What is told together: all of a pool that fails, ramps or recovers, all of a zone, or else what has the same dedup key.
 */
export function groupOf({ kind, subject, dedupKey }: Notice): string {
  if (kind === 'interlock' || kind === 'configuration') return dedupKey
  const zone = subject.type === 'zone' ? subject.id : subject.zone
  if (zone !== undefined) return `zone:${zone}`
  const pool = subject.type === 'pool' ? subject.id : subject.pool
  return pool === undefined ? dedupKey : `pool:${pool}`
}

/** Whether it stays true until something resolves it; anything else is told and not remembered. */
export function isLasting({ kind, severity }: Notice): boolean {
  return (kind === 'health' || kind === 'ramp' || kind === 'dns') && severity !== 'info'
}

/** The worse of two. */
export function worse(left: Severity, right: Severity): Severity {
  const { options } = Severity
  return options.indexOf(left) >= options.indexOf(right) ? left : right
}

/** Only what the schema knows gets in, and nothing too long: a stored state has to be good when it is read again. */
export function fit({
  id,
  kind,
  severity,
  subject,
  title,
  text,
  dedupKey,
  resolves,
  atMs,
}: Notice): Notice {
  const { type, pool, origins, zone } = subject
  return {
    id: clip(id, NOTICE_LIMITS.id),
    kind,
    severity,
    subject: {
      type,
      id: clip(subject.id, NOTICE_LIMITS.id),
      ...(pool !== undefined && { pool }),
      ...(origins !== undefined && { origins }),
      ...(zone !== undefined && { zone: clip(zone, NOTICE_LIMITS.id) }),
    },
    title: clip(title, NOTICE_LIMITS.title),
    text: clip(text, NOTICE_LIMITS.text),
    dedupKey: clip(dedupKey, NOTICE_LIMITS.dedupKey),
    resolves,
    atMs,
  }
}

/** Text of at most so many characters, never ending in half of one. */
export function clip(text: string, longest: number): string {
  if (text.length <= longest) return text
  return `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
