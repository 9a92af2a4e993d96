import { writeSync } from 'node:fs'
import type { Reporter, TestCase, TestModule } from 'vitest/node'

interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/**
 * A reporter whose line `N passed, N failed` (and `, N skipped` where there are any) is the last on stdout, whatever
 * else is printed. A file that does not load, a hook that throws, an unhandled error and a run that ends early each
 * count as failed, so that the line is never greener than the run. What was skipped is told by its name, but for what
 * the caller himself left out (`-t`).
 */
export function summaryReporter(): Reporter {
  let tally: Tally | undefined
  let tellsSkipped = true
  return {
    onInit(vitest) {
      if (vitest.config.watch) return
      tellsSkipped = vitest.config.testNamePattern === undefined
      // On exit, because the run's own teardown may still print after its end.
      process.once('exit', () => writeSync(1, `${toLine(tally ?? unfinished)}\n`))
    },
    onTestRunEnd(modules, unhandledErrors, reason) {
      const counted = count(modules)
      const failed = counted.failed + unhandledErrors.length
      tally = { ...counted, failed: reason === 'passed' ? failed : Math.max(failed, 1) }
      if (tellsSkipped) process.stdout.write(nameSkipped(modules))
    },
  }
}

const unfinished: Tally = { passed: 0, failed: 1, skipped: 0 }

function toLine({ passed, failed, skipped }: Tally): string {
  const line = `${passed} passed, ${failed} failed`
  return skipped > 0 ? `${line}, ${skipped} skipped` : line
}

function nameSkipped(modules: readonly TestModule[]): string {
  const skipped = testsOf(modules).filter((test) => test.result().state === 'skipped')
  const names = skipped.map(
    (test) => `skipped: ${test.module.relativeModuleId} > ${test.fullName}\n`,
  )
  return names.join('')
}

function testsOf(modules: readonly TestModule[]): readonly TestCase[] {
  return modules.flatMap((module) => [...module.children.allTests()])
}

function count(modules: readonly TestModule[]): Tally {
  const states = testsOf(modules).map((test) => test.result().state)
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
