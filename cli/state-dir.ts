import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

/** A state directory that no other router uses, or why it cannot be used. */
export type OpenedState =
  | { readonly ok: true; readonly state: StateDir }
  | { readonly ok: false; readonly error: string }

/** Where the admin API of the configuration in force stands: a configuration may move it. */
const AdminSeat = z.strictObject({
  prefix: z.string().default('/_portolan'),
  adminHost: z.string().optional(),
})
export type AdminSeat = z.output<typeof AdminSeat>

/** What `npm start` keeps between runs. */
export interface StateDir {
  /** Where the runtime keeps the objects and the KV namespace. */
  readonly runtimeDir: string
  /** The token of earlier runs, made on the first one. */
  readToken(): string
  readSeat(): AdminSeat
  writeSeat(seat: AdminSeat): void
  /** Lets another router use the directory. */
  release(): void
}

/** Takes a state directory for this process, making it where it is absent. */
export function openStateDir(path: string): OpenedState {
  const lock = join(path, 'lock')
  try {
    mkdirSync(path, { recursive: true })
    const holder = readHolder(lock)
    if (holder !== undefined) {
      const cure = `stop it, or choose another with --state (no such router? remove ${lock})`
      return { ok: false, error: `${path} is in use by process ${holder}; ${cure}` }
    }
    writeFileSync(lock, `${process.pid}\n`)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, error: `${path} cannot be used as a state directory: ${message}` }
  }
  const state: StateDir = {
    runtimeDir: join(path, 'runtime'),
    readToken: () => readToken(join(path, 'token')),
    readSeat: () => AdminSeat.parse(JSON.parse(readIfThere(join(path, 'admin.json')) ?? '{}')),
    writeSeat: (seat) => writeFileSync(join(path, 'admin.json'), `${JSON.stringify(seat)}\n`),
    release: () => rmSync(lock, { force: true }),
  }
  return { ok: true, state }
}

/** The process that holds the lock, when it is alive. A router that was killed leaves its lock behind. */
function readHolder(lock: string): number | undefined {
  const pid = Number(readIfThere(lock) ?? 'none')
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return undefined
  try {
    process.kill(pid, 0)
    return pid
  } catch (error) {
    const isOthers = error instanceof Error && 'code' in error && error.code === 'EPERM'
    return isOthers ? pid : undefined
  }
}

function readToken(path: string): string {
  const kept = readIfThere(path)?.trim()
  if (kept !== undefined && kept !== '') return kept
  const token = randomBytes(24).toString('base64url')
  writeFileSync(path, `${token}\n`, { mode: 0o600 })
  return token
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
