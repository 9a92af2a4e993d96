import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * What takes longest, by waiting rather than by counting, the longest first: 20 to 60 s each where six run at a time.
 * Begun last, one of them alone would hold up the end of the run.
 */
const LONGEST: readonly string[] = [
  'test/system/cli-start.test.ts',
  'test/system/passive-reports.test.ts',
  'test/system/weights.test.ts',
  'test/system/recovery.test.ts',
  'test/system/drain.test.ts',
  'test/system/failover.test.ts',
  'test/system/probing.test.ts',
  'test/system/failback.test.ts',
  'test/system/breach.test.ts',
  'test/system/cache-tiers.test.ts',
  'test/system/notifications.test.ts',
  'test/system/load.test.ts',
  'test/system/steady-state.test.ts',
  'test/system/streaming.test.ts',
  'test/system/drain-sessions.test.ts',
  'test/system/setback.test.ts',
  'test/system/delivery.test.ts',
]

/** The order of vitest, project by project, but with these files at the head of their project. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- no array: a sequencer.
    const sorted = await super.sort(files)
    const projects = sorted.map(({ project }) => project)
    return sorted.toSorted(
      (one, other) =>
        // A process is kept for the next file only while that one is of the same project.
        projects.indexOf(one.project) - projects.indexOf(other.project) ||
        placeOf(one) - placeOf(other),
    )
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex((path) => moduleId.endsWith(path))
  return place === -1 ? LONGEST.length : place
}
