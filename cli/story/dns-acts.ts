import { setTimeout as sleep } from 'node:timers/promises'
import { type Dug, dig } from './dig.ts'
import type { Asked, DnsStage } from './dns-stage.ts'

/** Something that was done, or was seen for the first time. */
export interface Scene {
  /** Since the story began. */
  readonly atMs: number
  /** "story" for what was done; else who was seen: "router", or the name of a server. */
  readonly by: string
  readonly text: string
  /** Of a server: what it answered. */
  readonly dug?: Dug
}

/** What the story is told with. */
export interface Telling {
  readonly stage: DnsStage
  /** Hears of every scene as it happens. */
  onScene(this: void, scene: Scene): void
}

const LOOK_MS = 250
const LONGEST_TURN_MS = 60_000

/** How long all is seen to be calm before and after, and the region to be gone. */
const CALM_MS = 3000

const ADDRESSES = { eu: '198.51.100.1', us: '192.0.2.1' } as const

/** A region falls, and comes back: both servers follow once each way. Gives all scenes; rejects when a turn does not come. */
export async function playDns({ stage, onScene }: Telling): Promise<readonly Scene[]> {
  const startedAtMs = performance.now()
  const scenes: Scene[] = []
  const tell = (scene: Omit<Scene, 'atMs'>) => {
    const told = { atMs: Math.round(performance.now() - startedAtMs), ...scene }
    scenes.push(told)
    onScene(told)
  }
  const watch = startWatch(stage, tell)
  try {
    await watch.until((seen) => seen.answers.every(leadsTo('eu')))
    await sleep(CALM_MS)
    tell({ by: 'story', text: 'the region eu is lost' })
    await stage.lose('eu')
    await watch.until((seen) => seen.answers.every(leadsTo('us')))
    await sleep(CALM_MS)
    await stage.restore('eu')
    tell({ by: 'story', text: 'the region eu is back' })
    await watch.until((seen) => seen.share > 0 && seen.share < 100)
    await watch.until((seen) => seen.share === 100)
    await watch.until((seen) => seen.answers.every(leadsTo('eu')))
    await sleep(CALM_MS)
  } finally {
    await watch.stop()
  }
  return scenes
}

function leadsTo(region: keyof typeof ADDRESSES): (dug: Dug | undefined) => boolean {
  return (dug) => dug?.addresses.join() === ADDRESSES[region]
}

/** What was seen last. */
interface Seen {
  readonly answers: readonly (Dug | undefined)[]
  /** Percent of its traffic that the region may take; 0 while it is down. */
  readonly share: number
}

interface Watch {
  /** Waits until it is so. */
  until(this: void, isSo: (seen: Seen) => boolean): Promise<void>
  /** Rejects with what went wrong while it looked. */
  stop(this: void): Promise<void>
}

/** Looks again and again, and tells of all that is new. */
function startWatch(stage: DnsStage, tell: (scene: Omit<Scene, 'atMs'>) => void): Watch {
  const ending = new AbortController()
  const answers: (Dug | undefined)[] = stage.asked.map(() => undefined)
  let share: number | undefined
  const lookAt = async (asked: Asked, at: number): Promise<void> => {
    const dug = await dig(asked)
    const before = answers[at]
    answers[at] = dug
    if (before !== undefined && describe(before) === describe(dug)) return
    tell({ by: asked.server, text: `${asked.name}  ${describe(dug)}`, dug })
  }
  const lookAtRegion = async (): Promise<void> => {
    const { usable, sharePercent, ramp } = await stage.ask('eu')
    const next = usable === 0 ? 0 : (ramp?.percent ?? sharePercent)
    if (next !== share) tell({ by: 'router', text: `eu takes ${next} % of its traffic` })
    share = next
  }
  const look = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await Promise.all([...stage.asked.map(lookAt), lookAtRegion()])
      await sleep(LOOK_MS)
    }
  }
  const looking = look()
  // Who waits hears of it by the next look that never comes; the rejection itself is told by `stop`.
  looking.catch(() => ending.abort())
  return {
    async until(isSo) {
      const deadlineMs = performance.now() + LONGEST_TURN_MS
      while (!isSo({ answers, share: share ?? 0 })) {
        if (ending.signal.aborted) await looking
        if (performance.now() > deadlineMs) {
          throw new Error(
            `the story does not go on: eu at ${share} %, ${answers.map(describe).join(', ')}`,
          )
        }
        await sleep(LOOK_MS)
      }
    },
    async stop() {
      ending.abort()
      await looking
    },
  }
}

function describe(dug: Dug | undefined): string {
  if (dug === undefined || dug.addresses.length === 0) return 'no answer yet'
  return `${dug.addresses.join(', ')}  TTL ${dug.ttl} s`
}
