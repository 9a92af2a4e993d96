import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)

interface Part {
  readonly programs: readonly string[]
  readonly packages: readonly string[]
  /** What its packages would start, now and with the machine. */
  readonly service?: string
  /** What is needed beside the programs. */
  readonly file?: string
}

/** The DNS servers that are run on this machine, and the tools that ask them; with Debian's packages of them. */
const PARTS = {
  powerdns: {
    programs: ['pdns_server'],
    packages: ['pdns-server', 'pdns-backend-sqlite3'],
    service: 'pdns.service',
    file: '/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql',
  },
  bind: { programs: ['named'], packages: ['bind9'], service: 'named.service' },
  knot: { programs: ['knotd'], packages: ['knot'], service: 'knot.service' },
  tools: { programs: ['dig', 'nsupdate'], packages: ['bind9-dnsutils'] },
} as const satisfies Record<string, Part>

/** One of the DNS servers, or the tools that ask them. */
export type DnsPart = keyof typeof PARTS

/** Why a part cannot be used here, in words; a part that is there is not in it. */
export type MissingParts = Readonly<Partial<Record<DnsPart, string>>>

/** Asked by Debian's packages before they start a service: 101 forbids it. */
const POLICY = '/usr/sbin/policy-rc.d'
const FORBIDDEN = 101

/** An installation that takes longer has no network. */
const INSTALL_TIMEOUT_MS = 240_000

/** Where servers are, beside what the path of an ordinary user names. */
const FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/local/sbin']

/** Where a program is; undefined when it is nowhere. */
export function findProgram(name: string): string | undefined {
  return FOLDERS.filter((folder) => folder !== '')
    .map((folder) => `${folder}/${name}`)
    .find(isExecutable)
}

/**
 * Sees to it that the DNS servers are here, and says what is not, and why. Installs Debian's packages where this
 * machine allows it (root, apt-get) and `PORTOLAN_INSTALL` is not "never". No service is started by that: they are run
 * as ordinary processes on high ports of loopback.
 */
export async function installDnsServers(say: (line: string) => void): Promise<MissingParts> {
  const wanted = absentParts()
  if (wanted.length === 0) return {}
  const obstacle = whyNotInstall()
  if (obstacle !== undefined) return toMissing(wanted, obstacle)
  const packages = wanted.flatMap((part) => PARTS[part].packages)
  say(`installing ${packages.join(', ')} by apt-get, once (PORTOLAN_INSTALL=never: do without)`)
  // A server that was here before is somebody's, and its service is left as it is.
  const added: readonly Part[] = wanted
    .map((part) => PARTS[part])
    .filter((part) => !hasPrograms(part))
  const failure = await forbidServices(() => install(packages))
  for (const { service } of added) if (service !== undefined) await disable(service)
  return toMissing(absentParts(), failure ?? 'its package does not hold it')
}

function absentParts(): readonly DnsPart[] {
  const parts = Object.keys(PARTS) as DnsPart[]
  return process.platform === 'linux' ? parts.filter((part) => !isHere(PARTS[part])) : parts
}

function isHere(part: Part): boolean {
  return hasPrograms(part) && (part.file === undefined || existsSync(part.file))
}

function hasPrograms({ programs }: Part): boolean {
  return programs.every((program) => findProgram(program) !== undefined)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function toMissing(parts: readonly DnsPart[], why: string): MissingParts {
  return Object.fromEntries(
    parts.map((part) => [part, `${PARTS[part].packages.join(' and ')} not installed: ${why}`]),
  )
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
