import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, release } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { playTraces } from './cache-trace.ts'
import { compareCaches, type CacheStanding } from './cache.ts'
import { versionOf } from './child.ts'
import { gatherField, NAMES } from './contestants.ts'
import { type Cores, shareCores } from './cpu.ts'
import { compareFeatures, type FeatureStanding } from './features.ts'
import { measureKernel } from './kernel.ts'
import { measureMemory } from './memory.ts'
import { chooseGenerator } from './load.ts'
import { startOrigins } from './origins.ts'
import { type Results, toMarkdown } from './report.ts'
import { compareContestants, type Effort, type Standing } from './versus.ts'
import { weighRouter } from './weight.ts'

const EFFORT: Effort = { starts: 3, rounds: 5, seconds: 6, warmUpSeconds: 10 }
const QUICK_EFFORT: Effort = { starts: 1, rounds: 3, seconds: 2, warmUpSeconds: 2 }

const folder = join(import.meta.dirname, 'results')

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    beside: { type: 'string', multiple: true, default: [] },
    feature: { type: 'string', multiple: true, default: [] },
    only: {
      type: 'string',
      multiple: true,
      default: ['versus', 'features', 'cache', 'kernel', 'weight', 'cache-trace', 'memory'],
    },
  },
})
const isAsked = (part: string) => values.only.includes(part)
const field = gatherField(values.beside)
const hasRouter = field.contestants.some(({ name }) => name === NAMES.router)
const cores = shareCores()
const generator = chooseGenerator()
const notes = [...field.absences]
if (cores.measured === undefined) notes.push('Too few cores to bind processes: expect noise.')

const { standings, features, caches, originsName } = await requests()
tell('decisions')
const kernel = isAsked('kernel') ? await measureKernel(values.quick ? 3 : 9, cores.measured) : []
tell('bundle and start')
const weight =
  isAsked('weight') && hasRouter
    ? await weighRouter(values.quick ? 3 : 11, cores.measured)
    : undefined
tell('traces of a cache')
const traces = isAsked('cache-trace') ? playTraces() : []

tell('memory')
const memory = isAsked('memory') ? await measureMemory(values.quick, cores.measured) : []

const results: Results = {
  command: [
    'npm run bench',
    ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : []),
  ].join(' '),
  takenAt: new Date().toISOString(),
  machine: describeMachine(cores, originsName),
  notes,
  standings,
  features,
  caches,
  kernel,
  traces,
  memory,
  ...(weight && { weight }),
}
mkdirSync(folder, { recursive: true })
const file = join(folder, `${results.takenAt.replaceAll(':', '-')}.json`)
writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`)
process.stdout.write(`${toMarkdown(results)}\n\nAll of it: ${file}\n`)
process.exit(0)

interface Requests {
  readonly standings: Standing[]
  readonly features: FeatureStanding[]
  readonly caches: CacheStanding[]
  readonly originsName: string
}

async function requests(): Promise<Requests> {
  const served = await startOrigins(cores.origins)
  tell(`requests: ${generator.name}, origins ${served.name}`)
  const effort = values.quick ? QUICK_EFFORT : EFFORT
  const arena = { origins: served.origins, generator, cores, effort }
  const found: Requests = {
    standings: isAsked('versus') ? await compareContestants(field.contestants, arena) : [],
    features: isAsked('features') ? await compareFeatures(values.feature, arena) : [],
    caches: isAsked('cache') ? await compareCaches(arena) : [],
    originsName: served.name,
  }
  await served.stop()
  return found
}

function describeMachine({ measured }: Cores, origins: string): Record<string, string> {
  const workerd = createRequire(import.meta.url).resolve('workerd/package.json')
  const { version } = JSON.parse(readFileSync(workerd, 'utf8')) as { version: string }
  const haproxy = versionOf('haproxy', '-v')
  return {
    workerd: version,
    node: process.version,
    cores: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    Linux: release(),
    load: generator.name,
    origins,
    ...(haproxy !== undefined && { peers: haproxy }),
    bound: measured === undefined ? 'no' : `what is measured to core ${measured}`,
  }
}

function tell(part: string): void {
  process.stderr.write(`measuring ${part}\n`)
}
