import { compile } from '../src/core/compile.ts'
import { explain } from '../src/core/explain.ts'
import { nothingSeen } from '../src/core/observation.ts'
import type { Config } from '../src/schema/config.ts'
import type { Explanation } from '../src/schema/explanation.ts'
import type { RequestFacts } from '../src/schema/facts.ts'
import { SNAPSHOT_FORMAT } from '../src/schema/snapshot.ts'
import type { Outcome } from './command.ts'
import { onlyFile, parseCommand } from './command.ts'
import { readConfigFile } from './config-file.ts'
import { FACT_OPTIONS, toFacts } from './explain-facts.ts'
import { fromUser } from './user-path.ts'

export const EXPLAIN_USAGE = `portolan explain FILE --url URL [options]
  Tells in words, offline, what the router would do with a request and why. Every origin counts as well.
  --method M             Default GET
  --header 'name: value' As often as needed; cookies too
  --ip, --asn, --country, --region (US-CA), --continent (EU), --city, --lat, --lon
                         What the edge would know of the client
  --random N             The draw of chance, from 0 to below 1. Default 0.5
  --bond ORIGIN          Where the client is bound, as affinity would know it
  --bound-ago TIME       Since when, such as 90s or 2h. Default 1m
  --wrote                The client has just written (read-your-writes)
  --json                 The whole explanation, with every route and every origin`

/** `portolan explain`: decides about one request with a configuration that no router needs to have. */
export function runExplain(args: readonly string[]): Outcome {
  const parsed = parseCommand(args, {
    ...FACT_OPTIONS,
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  })
  if (!parsed.ok) return wrong(parsed.error)
  const { values } = parsed
  if (values.help === true) return { code: 0, lines: [EXPLAIN_USAGE] }
  const typed = onlyFile(parsed.positionals)
  if (typed === undefined) return wrong('explain takes one file')
  const facts = toFacts(values)
  if (!facts.ok) return wrong(facts.error)
  const file = readConfigFile(fromUser(typed))
  if (!file.ok) return { code: 1, lines: file.errors }
  const explanation = explainOffline(file.config, facts.facts)
  const lines =
    values.json === true ? [JSON.stringify(explanation, undefined, 2)] : explanation.words
  return { code: 0, lines }
}

function wrong(message: string): Outcome {
  return { code: 1, lines: [message, '', EXPLAIN_USAGE] }
}

function explainOffline(config: Config, facts: RequestFacts): Explanation {
  const snapshot = compile({
    format: SNAPSHOT_FORMAT,
    revision: 1,
    form: 'draft',
    generation: 1,
    publishedAtMs: facts.nowMs,
    config,
    conditions: { origins: {}, pools: {}, routes: {} },
  })
  return explain(facts, snapshot, nothingSeen(snapshot))
}
