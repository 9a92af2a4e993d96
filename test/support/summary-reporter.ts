import { writeSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

type Tally = { readonly passed: number; readonly failed: number; readonly skipped: number }

/**
 * A reporter whose line `N passed, N failed` (and `, N skipped` where there are any) is the last on stdout, whatever
 * else is printed. A file that does not load, a hook that throws, an unhandled error and a run that ends early each
 * count as failed, so that the line is never greener than the run.
 */
export function summaryReporter(): Reporter {
  let tally: Tally | undefined
  return {
    onInit(vitest) {
      if (vitest.config.watch) return
      // On exit, because the run's own teardown may still print after its end.
      process.once('exit', () => writeSync(1, `${toLine(tally ?? unfinished)}\n`))
    },
    onTestRunEnd(modules, unhandledErrors, reason) {
      const counted = count(modules)
      const failed = counted.failed + unhandledErrors.length
      tally = { ...counted, failed: reason === 'passed' ? failed : Math.max(failed, 1) }
    },
  }
}

const unfinished: Tally = { passed: 0, failed: 1, skipped: 0 }

function toLine({ passed, failed, skipped }: Tally): string {
  const line = `${passed} passed, ${failed} failed`
  return skipped > 0 ? `${line}, ${skipped} skipped` : line
}

function count(modules: readonly TestModule[]): Tally {
  const states = modules.flatMap((module) =>
    [...module.children.allTests()].map((test) => test.result().state),
  )
  const broken = modules.flatMap((module) => [module, ...module.children.allSuites()])
  const errors = broken.filter((part) => part.errors().length > 0)
  const having = (...wanted: readonly string[]) =>
    states.filter((state) => wanted.includes(state)).length
  return {
    passed: having('passed'),
    failed: having('failed', 'pending') + errors.length,
    skipped: having('skipped'),
  }
}
