import { readFileSync } from 'node:fs'
import { type Outcome, parseCommand } from './command.ts'
import { readConfigFile } from './config-file.ts'
import { parseJsonc } from './jsonc.ts'
import { ROUTER_OPTIONS, ROUTER_USAGE, askRouter, readApi } from './router-api.ts'
import { describeSimulation, ShownSimulation } from './simulation-words.ts'
import { fromUser } from './user-path.ts'

export const SIMULATE_USAGE = `portolan simulate [FILE] --url URL … [options]
  Says what a draft of a configuration (FILE), or the loss of pools or origins, would do to the traffic of a router:
  shares, who moves, whose capacity is exceeded. Changes nothing.
  --url URL              What clients ask for, as often as needed. They come from nowhere in particular
  --traffic FILE         In place of --url: a mix as POST /v1/simulate takes it, with places or logged requests
  --lost-pool ID, --lost-origin ID
                         Taken to be unhealthy, as often as needed
  --rate N               Requests a second of all the traffic, to hold against capacities
${ROUTER_USAGE}`

/** `portolan simulate`. */
export async function runSimulate(args: readonly string[]): Promise<Outcome> {
  const parsed = parseCommand(args, {
    ...ROUTER_OPTIONS,
    url: { type: 'string', multiple: true },
    traffic: { type: 'string' },
    'lost-pool': { type: 'string', multiple: true },
    'lost-origin': { type: 'string', multiple: true },
    rate: { type: 'string' },
  })
  if (!parsed.ok) return wrong(parsed.error)
  const { values, positionals } = parsed
  if (values.help === true) return { code: 0, lines: [SIMULATE_USAGE] }
  if (positionals.length > 1) return wrong('simulate takes one file at most')
  const traffic = toTraffic(values.url ?? [], values.traffic)
  if (!traffic.ok) return wrong(traffic.error)
  const rate = values.rate === undefined ? undefined : Number(values.rate)
  if (rate !== undefined && !(rate > 0)) return wrong(`--rate takes a number, not "${values.rate}"`)
  const read = readApi(values)
  if (!read.ok) return wrong(read.error)
  const [typed] = positionals
  const draft = typed === undefined ? undefined : readConfigFile(fromUser(typed))
  if (draft?.ok === false) return { code: 1, lines: draft.errors }
  const body = {
    traffic: traffic.value,
    lost: { pools: values['lost-pool'] ?? [], origins: values['lost-origin'] ?? [] },
    ...(rate !== undefined && { requestsPerSecond: rate }),
    ...(draft !== undefined && { config: draft.authored }),
  }
  const question = { method: 'POST', path: '/v1/simulate', body } as const
  const told = await askRouter(read.api, question, ShownSimulation)
  if (!told.ok) return told.outcome
  const lines =
    values.json === true
      ? [JSON.stringify(told.value, undefined, 2)]
      : describeSimulation(told.value)
  return { code: 0, lines }
}

type ReadTraffic =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string }

function toTraffic(urls: readonly string[], path: string | undefined): ReadTraffic {
  if ((urls.length === 0) === (path === undefined)) {
    return { ok: false, error: 'simulate takes --url or --traffic, one of them' }
  }
  if (path !== undefined) return readTraffic(path)
  const requests: object[] = []
  for (const typed of urls) {
    if (!URL.canParse(typed)) return { ok: false, error: `--url takes a URL, not "${typed}"` }
    const { protocol, hostname, pathname } = new URL(typed)
    requests.push({ scheme: protocol.slice(0, -1), host: hostname, path: pathname })
  }
  return { ok: true, value: { type: 'generated', requests } }
}

function readTraffic(path: string): ReadTraffic {
  let text: string
  try {
    text = readFileSync(fromUser(path), 'utf8')
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return { ok: false, error: `--traffic: ${words}` }
  }
  const parsed = parseJsonc(text)
  if (parsed.ok) return { ok: true, value: parsed.document.value }
  const [first] = parsed.problems
  return { ok: false, error: `${path}:${first?.line}:${first?.column}: ${first?.message}` }
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', SIMULATE_USAGE] }
}
