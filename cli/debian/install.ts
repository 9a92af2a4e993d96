import { execFile } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { findProgram } from './program.ts'

const run = promisify(execFile)

/** Programs that are run beside the router, with Debian's packages of them. */
export interface Part {
  readonly programs: readonly string[]
  readonly packages: readonly string[]
  /** What its packages would start, now and with the machine. */
  readonly services?: readonly string[]
  /** What is needed beside the programs. */
  readonly file?: string
}

/** Parts by their names. */
export type Parts<Name extends string> = Readonly<Record<Name, Part>>

/** Why a part cannot be used here, in words; a part that is there is not in it. */
export type Missing<Name extends string> = Readonly<Partial<Record<Name, string>>>

/** Asked by Debian's packages before they start a service: 101 forbids it. */
const POLICY = '/usr/sbin/policy-rc.d'
const FORBIDDEN = 101

/** An installation that takes longer has no network. */
const INSTALL_TIMEOUT_MS = 240_000

/**
 * Sees to it that parts are here, and says what is not, and why. Installs Debian's packages where this machine allows
 * it (root, apt-get) and `PORTOLAN_INSTALL` is not "never". No service is started by that: they are run as ordinary
 * processes on high ports of loopback.
 */
export async function installParts<Name extends string>(
  parts: Parts<Name>,
  say: (line: string) => void,
): Promise<Missing<Name>> {
  const missing = (names: readonly Name[], why: string) =>
    Object.fromEntries(
      names.map((name) => [name, `${parts[name].packages.join(' and ')} not installed: ${why}`]),
    ) as Missing<Name>
  const wanted = absentIn(parts)
  if (wanted.length === 0) return missing([], '')
  const obstacle = whyNotInstall()
  if (obstacle !== undefined) return missing(wanted, obstacle)
  const packages = wanted.flatMap((name) => parts[name].packages)
  say(`installing ${packages.join(', ')} by apt-get, once (PORTOLAN_INSTALL=never: do without)`)
  // A server that was here before is somebody's, and its services are left as they are.
  const added = wanted.map((name) => parts[name]).filter((part) => !hasPrograms(part))
  const services = added.flatMap((part) => part.services ?? [])
  const failure = await forbidServices(() => install(packages))
  for (const service of services) await disable(service)
  return missing(absentIn(parts), failure ?? 'its package does not hold it')
}

function absentIn<Name extends string>(parts: Parts<Name>): readonly Name[] {
  const names = Object.keys(parts) as Name[]
  return process.platform === 'linux' ? names.filter((name) => !isHere(parts[name])) : names
}

function isHere(part: Part): boolean {
  return hasPrograms(part) && (part.file === undefined || existsSync(part.file))
}

function hasPrograms({ programs }: Part): boolean {
  return programs.every((program) => findProgram(program) !== undefined)
}

function whyNotInstall(): string | undefined {
  if (process.platform !== 'linux') return 'they are run on Linux alone'
  if (process.env.PORTOLAN_INSTALL === 'never') return 'PORTOLAN_INSTALL is "never"'
  if (findProgram('apt-get') === undefined) return 'this machine has no apt-get'
  if (process.getuid?.() !== 0) return 'only root may install it'
  return undefined
}

/** Does something while no package may start its service. Gives why it was not done, or what it gave itself. */
async function forbidServices(
  action: () => Promise<string | undefined>,
): Promise<string | undefined> {
  if (existsSync(POLICY)) {
    const forbids = await exitCodeOf(POLICY, ['named', 'start'])
    return forbids === FORBIDDEN ? action() : `${POLICY} would let its service start`
  }
  const lift = () => rmSync(POLICY, { force: true })
  writeFileSync(POLICY, `#!/bin/sh\nexit ${FORBIDDEN}\n`, { mode: 0o755, flag: 'wx' })
  process.once('exit', lift)
  try {
    return await action()
  } finally {
    lift()
    process.off('exit', lift)
  }
}

/** Installs packages, by the lists of packages as they are, else by fresh ones; gives why it failed. */
async function install(packages: readonly string[]): Promise<string | undefined> {
  const first = await apt(['install', '-y', '--no-install-recommends', ...packages])
  if (first !== undefined) {
    await apt(['update'])
    const second = await apt(['install', '-y', '--no-install-recommends', ...packages])
    if (second !== undefined) return second
  }
  return undefined
}

/** Keeps a service from starting with the machine. */
async function disable(service: string): Promise<void> {
  // Where there is no systemd nothing would start it.
  if (findProgram('systemctl')) await exitCodeOf('systemctl', ['--quiet', 'disable', service])
}

async function apt(args: readonly string[]): Promise<string | undefined> {
  const options = ['DPkg::Lock::Timeout=120', 'Acquire::Retries=1', 'Acquire::http::Timeout=20']
  try {
    await run('apt-get', ['-q', ...options.flatMap((option) => ['-o', option]), ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
      timeout: INSTALL_TIMEOUT_MS,
      maxBuffer: 16 * 1024 * 1024,
    })
    return undefined
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    return `apt-get ${args[0]} failed: ${said.split('\n').at(-1) || String(error)}`
  }
}

async function exitCodeOf(program: string, args: readonly string[]): Promise<number> {
  try {
    await run(program, args)
    return 0
  } catch (error) {
    return error instanceof Error && 'code' in error ? Number(error.code) : Number.NaN
  }
}
