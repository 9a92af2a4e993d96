import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

/** A process of the benchmark: what is measured, or what it is measured with. */
export interface Child {
  readonly pid: number
  readonly stdout: Readable
  /** The pipe at descriptor 3, on which workerd reports the ports it listens on. */
  readonly control: Readable
  /** Resolves with the exit code; null after a signal. */
  readonly exited: Promise<number | null>
  /** What it has said on stderr so far. */
  complaints(): string
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()

// However the benchmark ends, it leaves no process behind.
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

/** Starts a program bound to some cores ("3" or "1,2"), or to none in particular. */
export function startChild(command: readonly string[], cores?: string): Child {
  const [program = '', ...rest] =
    cores === undefined ? command : ['taskset', '-c', cores, ...command]
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
  if (child.pid === undefined) throw new Error(`${program} cannot be started`)
  running.add(child)
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    said = (said + part).slice(-4096)
  })
  const exited = once(child, 'exit').then(([code]: unknown[]) => {
    running.delete(child)
    return typeof code === 'number' ? code : null
  })
  return {
    pid: child.pid,
    stdout: child.stdio[1] as Readable, // Asked for as a pipe above.
    control: child.stdio[3] as Readable,
    exited,
    complaints: () => said,
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Runs a program to its end and gives what it printed; rejects when it fails. */
export async function runChild(command: readonly string[], cores?: string): Promise<string> {
  const child = startChild(command, cores)
  const [printed, code] = await Promise.all([text(child.stdout), child.exited])
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${child.complaints()}`)
  return printed
}

/** A program and its version, as it tells them with `flag` on either stream; undefined where it is not installed. */
export function versionOf(program: string, flag: string): string | undefined {
  const { error, stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8' })
  if (error) return undefined
  return `${program} ${/\d+(\.\d+)+/.exec(stdout + stderr)?.[0] ?? ''}`.trim()
}
