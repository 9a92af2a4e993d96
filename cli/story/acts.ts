import { setTimeout as sleep } from 'node:timers/promises'
import type { Load } from './load.ts'
import type { Mark, Sample, StoryRecord } from './record.ts'
import type { PoolStanding, Stage } from './stage.ts'

/** What the story is told with. */
export interface Telling {
  readonly stage: Stage
  readonly load: Load
  /** The pool that falls and comes back. */
  readonly hero: string
  /** Hears of every slice and every turn as it happens. */
  onSample(this: void, sample: Sample): void
  onMark(this: void, mark: Mark): void
}

const SLICE_MS = 500

/** The slowest turn of the story is the return from a step back, over all steps that are left. */
const LONGEST_TURN_MS = 120_000

/** Twenty times what a demo origin takes: slow enough that no peer would be. */
const SLOW_MS = 250

/** How well it goes before anything happens, and after all is well again. */
const CALM_MS = 8000

/** How long the region stays lost: time enough to see that nobody is waiting for it. */
const LOST_MS = 12_000

/**
 * Plays it: a region is lost under load, comes back by steps, turns slow at 50 %, is taken back a step, and
 * recovers. Rejects when a turn does not come.
 */
export async function play(telling: Telling): Promise<StoryRecord> {
  const { stage, hero } = telling
  const recorder = startRecorder(telling)
  const { mark, until } = recorder
  try {
    await sleep(CALM_MS)
    mark('story', `${hero} is lost`)
    await stage.lose(hero)
    await until(({ usable }) => usable === 0)
    mark('router', 'out of the pools')
    await sleep(LOST_MS)
    await stage.restore(hero)
    mark('story', `${hero} is back`)
    await until(({ ramp, sharePercent }) => ramp?.phase === 'stepping' && sharePercent > 0)
    mark('router', 'ramp begins')
    await until(({ sharePercent }) => sharePercent === 50)
    mark('story', `${hero} turns slow at 50 %`)
    await stage.delay(hero, SLOW_MS)
    await until(({ sharePercent }) => sharePercent < 50)
    mark('router', 'a step back')
    await stage.delay(hero, 0)
    mark('story', `${hero} is mended`)
    await until(({ sharePercent, ramp }) => sharePercent === 100 && !isUnderWay(ramp))
    mark('router', 'recovered')
    await sleep(CALM_MS)
  } finally {
    await recorder.stop()
  }
  return recorder.record()
}

function isUnderWay(ramp: PoolStanding['ramp']): boolean {
  return ramp !== undefined && ramp.phase !== 'done'
}

interface Recorder {
  mark(this: void, by: Mark['by'], text: string): void
  /** Waits until the router says so of the hero. */
  until(this: void, isSo: (standing: PoolStanding) => boolean): Promise<void>
  stop(): Promise<void>
  record(): StoryRecord
}

function startRecorder({ stage, load, hero, onSample, onMark }: Telling): Recorder {
  const startedAtMs = performance.now()
  const samples: Sample[] = []
  const marks: Mark[] = []
  const sinceStartMs = () => Math.round(performance.now() - startedAtMs)
  const ending = new AbortController()
  const look = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await sleep(SLICE_MS)
      const { sharePercent, usable, ramp } = await stage.ask(hero)
      const why = isUnderWay(ramp) ? (ramp?.why ?? '') : ''
      const sample = { atMs: sinceStartMs(), ...load.take(), sharePercent, usable, why }
      samples.push(sample)
      onSample(sample)
    }
  }
  const looking = look()
  return {
    mark(by, text) {
      const mark = { atMs: sinceStartMs(), text, by }
      marks.push(mark)
      onMark(mark)
    },
    async until(isSo) {
      const deadlineMs = performance.now() + LONGEST_TURN_MS
      while (!isSo(await stage.ask(hero))) {
        if (performance.now() > deadlineMs) {
          const last = samples.at(-1)
          throw new Error(
            `the story does not go on: ${hero} stands at ${last?.sharePercent} % (${last?.why})`,
          )
        }
        await sleep(100)
      }
    },
    async stop() {
      ending.abort()
      await looking
    },
    record: () => ({
      pools: stage.pools,
      hero,
      heroPercent: stage.percentOf(hero),
      samples,
      marks,
    }),
  }
}
