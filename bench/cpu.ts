import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { versionOf } from './child.ts'

/** Which cores serve what. Undefined: wherever the system likes. */
export interface Cores {
  readonly origins: string | undefined
  readonly load: string | undefined
  /** One core for everything that is measured. */
  readonly measured: string | undefined
}

/**
 * Binds what is measured to one core of its own. Two processes that share a core at the same time meet the same
 * clock speed, the same neighbours and the same interrupts, so that their CPU time per request compares to half a
 * per cent where processes on cores of their own differed by a quarter from one moment to the next.
 */
export function shareCores(): Cores {
  const last = cpus().length - 1
  if (last < 3 || versionOf('taskset', '--version') === undefined) {
    return { origins: undefined, load: undefined, measured: undefined }
  }
  return { origins: '0', load: `1-${last - 1}`, measured: String(last) }
}

/** CPU time that a process has used in all its threads, user and system, in milliseconds. Linux only. */
export function cpuTimeMs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + threadTimeMs(pid, task), 0)
}

function threadTimeMs(pid: number, task: string): number {
  try {
    // Its first field is the time spent on a core in nanoseconds: /proc/PID/stat counts in hundredths of a second.
    const [runNs = '0'] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')
    return Number(runNs) / 1e6
  } catch {
    return 0 // The thread has ended since the folder was read.
  }
}
