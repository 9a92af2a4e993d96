import type { ProbePlan, ProberName } from '../../src/schema/probe-plan.ts'
import type { HealthReport, Measure, PassiveReport, ProbeReport } from '../../src/schema/report.ts'
import type { SnapshotDocument, SnapshotNews } from '../../src/schema/snapshot.ts'
import type { Truth } from './truth.ts'

/** What the control object answers to others. */
export interface ControlPeer {
  heardOf(report: HealthReport): void
  planOf(name: ProberName, revision: number): ProbePlan | null
  newsAfter(has: { readonly after: number; readonly form: string }): SnapshotNews | null
}

/** What the object of an origin answers. */
export interface OriginPeer {
  probed(report: ProbeReport): void
  /** How long to wait before the next report. */
  passed(report: PassiveReport): number
  measured(sinceMs: number): Measure
}

/** What a prober answers. */
export interface ProberPeer {
  urged(origin: string): void
  roused(name: ProberName, revision: number): void
}

/** What is where, by name: objects that nobody has called yet begin to be when they are. */
export interface Peers {
  readonly control: ControlPeer
  readonly store: Store
  readonly truth: Truth
  origin(id: string): OriginPeer
  prober(name: string): ProberPeer
}

/** The store that all can read, some later than others. */
export interface Store {
  write(document: SnapshotDocument): boolean
  read(): SnapshotDocument | undefined
}
