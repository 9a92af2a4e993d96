import type { Judgement } from './judgement.ts'
import type { PassiveVerdict } from './passive.ts'
import type { Tally } from './tally.ts'
import type { MonitorVerdict } from './vote.ts'

/** The schema takes no more. */
const LONGEST = 1024

/**
 * What a judgement goes by, in words and numbers: "2 of 3 regions, 3 in a row: connection refused; passive 12 %
 * of 840 in 30 s". Never empty, never longer than the schema takes.
 */
export function toEvidence({ probes, passive }: Judgement): string {
  const isNamed = probes.monitors.length > 1
  const parts = probes.monitors.map((monitor) => withName(monitor, isNamed))
  if (passive.verdict !== 'none') parts.push(ofPassive(passive))
  return joinEvidence(parts.length === 0 ? ['no monitor, and too little traffic to tell'] : parts)
}

/**
 * What the evidence rests on, without the numbers that change from probe to probe: as long as it stays the same
 * there is nothing new to tell.
 */
export function toGrounds({ probes, passive }: Judgement): string {
  const monitors = probes.monitors.map(
    ({ monitor, verdict, up, down }) => `${monitor.id} ${verdict} ${up} ${down}`,
  )
  return [...monitors, ...(passive.verdict === 'failing' ? ['passive failing'] : [])].join('; ')
}

/** Several pieces of evidence in one text that the schema takes. */
export function joinEvidence(parts: readonly string[]): string {
  const text = parts.filter((part) => part !== '').join('; ')
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`
}

function withName(verdict: MonitorVerdict, isNamed: boolean): string {
  const { id, role } = verdict.monitor
  const words = ofMonitor(verdict)
  if (!isNamed) return words
  return role === 'required' ? `${id}: ${words}` : `${id} (${role}): ${words}`
}

function ofMonitor({ up, down, failing, pace, without }: MonitorVerdict): string {
  const voters = up + down
  const parts: string[] = []
  if (voters === 0) parts.push('no region has a vote')
  else if (down > 0) parts.push(`${regions(down, voters)}, ${ofFailures(failing)}`)
  else parts.push(`${regions(up, voters)} up`)
  if (pace.slow * 2 > pace.of) parts.push(`${pace.slow} of the last ${pace.of} successes slow`)
  const [first] = without
  if (first) {
    const others = without.length > 1 ? ` and ${without.length - 1} more` : ''
    parts.push(`no vote of ${first.region}${others}: ${first.why}`)
  }
  return parts.join(', ')
}

function regions(count: number, of: number): string {
  return `${count} of ${of} ${of === 1 ? 'region' : 'regions'}`
}

/** The longest row, and what most of them say. */
function ofFailures(failing: readonly Tally[]): string {
  const inARow = Math.max(...failing.map(({ failures }) => failures))
  const details = failing.map(({ detail }) => detail)
  const votes = (detail: string) => details.filter((each) => each === detail).length
  const said = details.toSorted((left, right) => votes(right) - votes(left))[0]
  // None of a region that never saw it well and sees it rise for the first time.
  const row = inARow > 0 ? `${inARow} in a row` : 'not yet well often enough'
  return said ? `${row}: ${said}` : row
}

function ofPassive({ requests, failed, windowMs, jurors, failing }: PassiveVerdict): string {
  const share = Math.round((failed * 100) / requests)
  const words = `passive ${share} % of ${requests} in ${Math.round(windowMs / 1000)} s`
  return jurors === 0 ? words : `${words}, seen by ${failing} of ${jurors}`
}
