import * as z from 'zod'
import { CachePurged } from '../src/schema/cache-report.ts'
import type { PurgeTarget } from '../src/schema/cache-purge.ts'
import { type Outcome, parseCommand } from './command.ts'
import { ROUTER_OPTIONS, ROUTER_USAGE, askRouter, readApi } from './router-api.ts'
import { toMoment } from './table.ts'

export const CACHE_PURGE_USAGE = `portolan cache purge --url URL | --host HOST | --prefix HOST/PATH | --tag TAG | --route ID | --all
  Takes answers out of the edge cache, everywhere within ten seconds. All but --all may be given several times.
  --url URL              One answer, whatever the order of its parameters; --host: all of a host
  --prefix HOST/PATH     What lies at the path or below it, by whole segments
  --tag TAG              What its origin has marked so: Cache-Tag, Surrogate-Key
  --soft                 Stale instead of gone: may be given out while it is fetched anew, and where the origin fails
  --reason TEXT          Why: the audit log keeps it
  --dry-run              Estimates what would go, by the memory of one isolate, and purges nothing
  --override             For --all without --soft; takes a token with the scope "admin"
${ROUTER_USAGE}`

const OPTIONS = {
  ...ROUTER_OPTIONS,
  url: { type: 'string', multiple: true },
  host: { type: 'string', multiple: true },
  prefix: { type: 'string', multiple: true },
  tag: { type: 'string', multiple: true },
  route: { type: 'string', multiple: true },
  all: { type: 'boolean' },
  soft: { type: 'boolean' },
  reason: { type: 'string' },
  'dry-run': { type: 'boolean' },
  override: { type: 'boolean' },
} as const

// An answer may have more than this release knows.
const Shown = z.looseObject(CachePurged.shape)

/** `portolan cache purge`. */
export async function runCachePurge(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, OPTIONS)
  if (!parsed.ok) return wrong(parsed.error)
  const { values, positionals } = parsed
  if (values.help === true) return { code: 0, lines: [CACHE_PURGE_USAGE] }
  if (positionals.length > 0) return wrong(`"${positionals[0]}": say what it is, as --url or --tag`)
  const targets = toTargets(values)
  if (typeof targets === 'string') return wrong(targets)
  const read = readApi(values)
  if (!read.ok) return wrong(read.error)
  const query = new URLSearchParams({
    ...(values['dry-run'] === true && { dryRun: 'true' }),
    ...(values.override === true && { override: 'true' }),
  }).toString()
  const { reason } = values
  const kind = values.soft === true ? 'soft' : 'hard'
  const told = await askRouter(
    read.api,
    {
      method: 'POST',
      path: `/v1/cache/purge${query === '' ? '' : `?${query}`}`,
      body: { targets, kind, ...(reason !== undefined && { reason }) },
    },
    Shown,
  )
  if (!told.ok) return told.outcome
  const lines =
    values.json === true ? [JSON.stringify(told.value, undefined, 2)] : describe(told.value)
  return { code: 0, lines }
}

type Typed = {
  readonly [Name in 'url' | 'host' | 'prefix' | 'tag' | 'route']?: readonly string[] | undefined
} & { readonly all?: boolean | undefined }

/** What was typed, or what is wrong with it. What makes a host or a tag is the router's business. */
function toTargets(typed: Typed): readonly PurgeTarget[] | string {
  const { url = [], host = [], prefix = [], tag = [], route = [], all } = typed
  const prefixes = prefix.map((each) => /^(?<host>[^/:]+)(?<prefix>\/.*)$/.exec(each)?.groups)
  const unread = prefix.find((_, at) => prefixes[at] === undefined)
  if (unread !== undefined)
    return `--prefix takes a host and a path, www.example.com/a, not "${unread}"`
  const targets: readonly PurgeTarget[] = [
    ...url.map((each) => ({ url: each })),
    ...host.map((each) => ({ host: each })),
    ...prefixes.map((groups) => ({
      host: groups?.['host'] ?? '',
      prefix: groups?.['prefix'] ?? '/',
    })),
    ...tag.map((each) => ({ tag: each })),
    ...route.map((each) => ({ route: each })),
    ...(all === true ? [{ all: true } as const] : []),
  ]
  return targets.length > 0
    ? targets
    : 'nothing to purge: --url, --host, --prefix, --tag, --route or --all'
}

function describe(purged: z.output<typeof Shown>): readonly string[] {
  const { dryRun, serial, generation, published, widened, estimate } = purged
  const way = published ? 'stands in the store already' : 'is on its way to the store'
  const done = `done: what was asked for before ${toMoment(serial)} goes, everywhere within 10 s; generation ${generation} ${way}`
  return [
    dryRun ? 'this would be done; nothing was purged' : done,
    ...(estimate === undefined ? [] : [estimate.words]),
    ...(widened === 0 ? [] : [`${widened} older purges became wider, since there were too many`]),
  ]
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', CACHE_PURGE_USAGE] }
}
