import type { Config } from '../src/schema/config.ts'
import { toBanner, toTrials } from './banner.ts'
import type { Started } from './banner.ts'
import { createClosing, endOnSignals, endWithNpm } from './closing.ts'
import type { Closing } from './closing.ts'
import { readConfigFile } from './config-file.ts'
import { DEMO_CONFIG, startDemo } from './demo.ts'
import type { DemoOrigin } from './demo-origin.ts'
import type { Applied, LocalRouter } from './local-router.ts'
import { withUrls } from './origin-urls.ts'
import { findPortProblem } from './port.ts'
import { parseStart, START_USAGE } from './start-options.ts'
import type { StartOptions } from './start-options.ts'
import { readSecrets } from './secrets.ts'
import { createStandIns, findTooMany } from './stand-ins.ts'
import type { StandIns } from './stand-ins.ts'
import { openStateDir } from './state-dir.ts'
import { toUser } from './user-path.ts'
import { watchFile } from './watch.ts'

/** Lines the addresses up. */
const ID_WIDTH = 8

await main()

async function main(): Promise<void> {
  const closing = createClosing()
  endOnSignals(closing)
  endWithNpm(closing)
  const parsed = parseStart(process.argv.slice(2))
  if (parsed.type === 'help') return say(START_USAGE)
  if (parsed.type === 'wrong') return fail(closing, [parsed.message, '', START_USAGE])
  try {
    const problems = await start(parsed.options, closing)
    if (problems.length > 0) await fail(closing, problems)
  } catch (error) {
    // Ctrl-C in a terminal reaches the runtime too: what then breaks off is no problem.
    if (closing.isEnding) return
    await fail(closing, [error instanceof Error ? (error.stack ?? error.message) : String(error)])
  }
}

/** Starts all of it, or says in a line each what is in the way. */
async function start(options: StartOptions, closing: Closing): Promise<readonly string[]> {
  const file = readConfigFile(options.config ?? DEMO_CONFIG)
  if (!file.ok) return file.errors
  const tooMany = options.standIns ? findTooMany(file.config) : undefined
  if (tooMany !== undefined) return [tooMany]
  const portProblem = options.port === 0 ? undefined : await findPortProblem(options.port)
  if (portProblem !== undefined) return [portProblem]
  const read = readSecrets(options.secretsFile)
  if (!read.ok) return read.errors
  const opened = openStateDir(options.stateDir)
  if (!opened.ok) return [opened.error]
  const { state } = opened
  closing.add(() => state.release())

  const token = options.token ?? state.readToken()
  // Loaded only now: the runtime's library takes a second, and a slip in the configuration is told without it.
  const { startLocalRouter } = await import('./local-router.ts')
  const local = await startLocalRouter({
    port: options.port,
    token,
    secrets: read.secrets,
    state,
    say,
  })
  if (!local.ok) return [local.error]
  const { router } = local
  closing.add(() => router.stop())
  const isDemo = options.config === undefined
  const origins = isDemo ? await startDemo(Number(new URL(router.url).port)) : []
  for (const origin of origins) closing.add(() => origin.stop())

  const standIns = options.standIns ? createStandIns(Number(new URL(router.url).port)) : undefined
  if (standIns) closing.add(() => standIns.stop())
  const authored = isDemo
    ? withUrls(file.authored, origins)
    : ((await standIns?.takePlaces(file.authored, file.config)) ?? file.authored)
  const answer = await router.apply(authored, file.config)
  if (!answer.ok) return answer.errors
  // What the demo prints is to be tried at once.
  if (isDemo) await answer.inForce
  for (const warning of file.warnings) say(warning)
  // Before the banner says that it is watched.
  if (options.config !== undefined) closing.add(followFile(options.config, router, standIns))
  const started: Started = {
    router: router.url,
    settings: file.config.settings,
    token,
    revision: answer.revision,
    stateDir: toUser(options.stateDir),
    origins:
      isDemo || standIns
        ? (standIns?.origins ?? origins).map(describeOrigin)
        : listOrigins(file.config),
    watched: options.config === undefined ? undefined : toUser(options.config),
  }
  say(toBanner(started))
  if (options.config === undefined) say(toTrials(started, origins))
  else await tellWhenInForce(answer)
  return []
}

function describeOrigin({ id, url, city }: DemoOrigin): string {
  return `${id.padEnd(ID_WIDTH)} ${url}  ${city}`
}

function listOrigins({ pools }: Config): string[] {
  return Object.values(pools).flatMap(({ origins }) =>
    Object.entries(origins).map(([id, { url }]) => `${id.padEnd(ID_WIDTH)} ${url}`),
  )
}

/** Applies the file again whenever it changes. What is wrong is told, and the revision in force stays. */
function followFile(path: string, router: LocalRouter, standIns?: StandIns): () => void {
  return watchFile(path, async () => {
    const file = readConfigFile(path)
    const answer = file.ok ? await applyTo(router, file, standIns) : file
    if (answer.ok) return answer.isNew ? tellWhenInForce(answer) : undefined
    for (const line of answer.errors) say(line)
    say('Nothing was applied: the router goes on with what it has.')
    return undefined
  })
}

async function applyTo(
  router: LocalRouter,
  { authored, config }: Extract<ReturnType<typeof readConfigFile>, { ok: true }>,
  standIns: StandIns | undefined,
): Promise<Applied> {
  const placed = await standIns?.takePlaces(authored, config)
  return router.apply(placed ?? authored, config)
}

async function tellWhenInForce({ revision, inForce }: Extract<Applied, { ok: true }>) {
  await inForce
  say(`Revision ${revision} is in force.`)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function fail(closing: Closing, lines: readonly string[]): Promise<void> {
  for (const line of lines) process.stderr.write(`${line}\n`)
  await closing.end(1)
}
