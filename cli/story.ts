import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createClosing, endOnSignals } from './closing.ts'
import { play } from './story/acts.ts'
import { startLoad } from './story/load.ts'
import { toPicture } from './story/picture.ts'
import { shareOf, type Mark, type Sample, type StoryRecord } from './story/record.ts'
import { setStage } from './story/stage.ts'
import { toUser } from './user-path.ts'

const CONFIG = fileURLToPath(new URL('../examples/story.jsonc', import.meta.url))
const PICTURE = fileURLToPath(new URL('../docs/story.svg', import.meta.url))
const HERO = 'eu'
const LOAD = { requestsPerSecond: 250, clients: 2000 } as const
const BAR_WIDTH = 30

await main()

/** `npm run story`: plays the loss and the gradual return of a region, and draws it. */
async function main(): Promise<void> {
  const closing = createClosing()
  endOnSignals(closing)
  try {
    const stage = await setStage(CONFIG)
    closing.add(() => stage.close())
    const load = startLoad(stage.url, LOAD)
    closing.add(() => load.stop())
    say(`Three regions, ${LOAD.requestsPerSecond} requests a second from ${LOAD.clients} clients.`)
    const record = await play({
      stage,
      load,
      hero: HERO,
      onSample: (sample) => say(describeSample(stage.pools, sample)),
      onMark: (mark) => say(describeMark(mark)),
    })
    writeFileSync(PICTURE, toPicture(record))
    say(summarise(record))
    await closing.end(errorsIn(record) === 0 ? 0 : 1)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    await closing.end(1)
  }
}

function describeMark({ atMs, text, by }: Mark): string {
  return `${seconds(atMs)}  ${by === 'story' ? '>>>' : '---'} ${text}`
}

function describeSample(pools: readonly string[], sample: Sample): string {
  const shares = pools.map((pool) => `${pool} ${toBar(shareOf([sample], pool))}`)
  const errors = sample.errors === 0 ? '' : `  ${sample.errors} ERRORS`
  return `${seconds(sample.atMs)}  ${shares.join('  ')}${errors}  ${sample.why}`.trimEnd()
}

function toBar(percent: number): string {
  const full = Math.round((percent * BAR_WIDTH) / 100)
  return `${'█'.repeat(full).padEnd(BAR_WIDTH, '·')} ${percent.toFixed(0).padStart(3)} %`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(6)} s`
}

function errorsIn({ samples }: StoryRecord): number {
  return samples.reduce((sum, { errors }) => sum + errors, 0)
}

function summarise(record: StoryRecord): string {
  const { samples, marks } = record
  const answers = samples.flatMap((sample) => Object.values(sample.answers))
  const total = answers.reduce((sum, each) => sum + each, 0)
  const [lost, out] = marks
  const steered =
    lost && out ? `${((out.atMs - lost.atMs) / 1000).toFixed(1)} s after its loss` : ''
  return [
    '',
    `${total} requests answered, ${errorsIn(record)} client errors.`,
    `${record.hero} was out of the pools for all edges to see ${steered}.`,
    `The picture is in ${toUser(PICTURE)}.`,
  ].join('\n')
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
