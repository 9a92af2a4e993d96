// Runs before `npm start`, `npm test`, `npm run check` and `npm run bench`, so that each works as the only command on a
// fresh clone. Plain JavaScript without dependencies, because nothing is installed yet and the Node that runs it is the
// machine's own, which may be too old for everything else.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const oldestToInstall = '20.0.0'
const oldestToRun = '22.12.0'

main()

function main() {
  const own = process.versions.node
  if (isOlder(own, oldestToInstall)) {
    fail(`Node ${own} is too old. Install Node 20 or newer (22 is best): https://nodejs.org`)
  }
  if (!isInstalled()) install()
  requireRunner()
}

/**
 * Whether node_modules is what package-lock.json asks for. npm leaves the lock of what it really installed in
 * node_modules/.package-lock.json, as its last act: comparing the two is right where file times are not (a clone or a
 * checkout gives every file a new time, an interrupted install leaves a new directory).
 */
function isInstalled() {
  const wanted = readPackages(join(root, 'package-lock.json'))
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'))
  if (!wanted)
    fail('package-lock.json is missing or unreadable. Restore it: git checkout package-lock.json')
  if (!installed) return false

  const isPresent = ([path, entry]) =>
    path in installed
      ? installed[path].version === entry.version && installed[path].integrity === entry.integrity
      : entry.optional || entry.devOptional || entry.peer // For example the binary of another platform.
  return Object.entries(wanted)
    .filter(([path]) => path !== '')
    .every(isPresent)
}

function readPackages(path) {
  if (!existsSync(path)) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch {
    return undefined // Half written by an install that was cut off: the same as absent.
  }
}

function install() {
  process.stderr.write(
    'Installing dependencies with npm ci. This happens once and takes about a minute.\n',
  )
  // Dev and optional dependencies are named because NODE_ENV=production or a user's .npmrc would leave them out.
  const options = [
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const result = runNpm(['ci', ...options])
  if (result.error) fail(`npm could not be started: ${result.error.message}`)
  if (result.status !== 0) {
    fail(
      `npm ci failed (its message is above). Is the package registry reachable? Then run: npm ci`,
    )
  }
}

/** What npm prints goes to stderr: stdout belongs to the command that was asked for. */
function runNpm(args) {
  const options = { cwd: root, stdio: ['ignore', 2, 2] }
  const own = process.env.npm_execpath
  if (own?.endsWith('npm-cli.js')) return spawnSync(process.execPath, [own, ...args], options)
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
}

/**
 * npm scripts find node_modules/.bin/node first: a Node 22 that the dependency `node` downloads in its install script.
 * Where install scripts are switched off it is absent, and the machine's own Node must do.
 */
function requireRunner() {
  const bin = join(root, 'node_modules', '.bin')
  const path = `${bin}${delimiter}${process.env.PATH ?? ''}`
  const result = spawnSync('node', ['--version'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
  })
  const found = result.status === 0 ? result.stdout.trim().replace(/^v/, '') : undefined
  if (found && !isOlder(found, oldestToRun)) return
  fail(
    `npm scripts would run on Node ${found ?? '(none)'}, but ${oldestToRun} or newer is needed, and the one among the ` +
      'dependencies is not there (were install scripts switched off?). ' +
      'Run: npm rebuild node --ignore-scripts=false   or install Node 22.',
  )
}

function isOlder(version, oldest) {
  const [a, b] = [version, oldest].map((text) => text.split('.').map(Number))
  for (const [index, part] of b.entries()) {
    if (a[index] !== part) return a[index] < part
  }
  return false
}

function fail(message) {
  process.stderr.write(`portolan: ${message}\n`)
  process.exit(1)
}
