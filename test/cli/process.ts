import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll } from 'vitest'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A command of the project as a process of its own, and what it has said so far. */
export interface Started {
  readonly pid: number
  /** What it printed, on both streams. */
  readonly output: string
  /** Waits until the output has the text; rejects with the output when the process ends before. */
  until(text: string): Promise<string>
  /** Waits for the end, and gives the exit code. */
  readonly ended: Promise<number | null>
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Runs `node cli/start.ts` with these arguments. */
export function start(...args: readonly string[]): Started {
  return run(process.execPath, ['--disable-warning=ExperimentalWarning', 'cli/start.ts', ...args])
}

/** Runs any command in the folder of the project. */
export function run(command: string, args: readonly string[]): Started {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  let isOver = false
  const ended = once(child, 'close').then(([code]) => {
    isOver = true
    return code as number | null
  })
  return {
    pid: child.pid ?? 0,
    get output() {
      return output
    },
    async until(text) {
      while (!output.includes(text)) {
        if (isOver) throw new Error(`ended without saying "${text}":\n${output}`)
        await sleep(20)
      }
      return output
    },
    ended,
    stop(signal = 'SIGINT') {
      child.kill(signal)
      return ended
    },
  }
}

/** Every process that descends from this one, now. */
export function descendantsOf(pid: number): number[] {
  const rows = listProcesses()
  const below = (parent: number): number[] =>
    rows.flatMap((row) => (row.parent === parent ? [row.pid, ...below(row.pid)] : []))
  return below(pid)
}

/** Which of these processes still run. One that only waits to be buried does not. */
export function aliveAmong(pids: readonly number[]): number[] {
  return listProcesses()
    .filter(({ pid, state }) => pids.includes(pid) && !state.startsWith('Z'))
    .map(({ pid }) => pid)
}

function listProcesses() {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' })
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [pid, parent, state = ''] = line.trim().split(/\s+/)
      return { pid: Number(pid), parent: Number(parent), state }
    })
}

/** A new folder for a file of tests, which calls this outside of any test; gone when all of them have run. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-'))
  // Not when the process ends: the runner stops its workers without that event.
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes a file in the folder and gives its path. */
export function write(folder: string, name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** What stands behind a label of the banner. */
export function bannerLine(output: string, label: string): string {
  return new RegExp(`^  ${label} +(.+)$`, 'm').exec(output)?.[1] ?? ''
}
