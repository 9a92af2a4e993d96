import { onTestFinished } from 'vitest'
import { header } from './client.ts'
import { load, type Tally } from './load.ts'
import { fromEdge, type Router } from './router.ts'

/** Clients with addresses of their own that ask one after the other, over and over. */
export interface Crowd {
  /** By client, the origins that answered it, in order, each as often as it took over. */
  readonly histories: readonly (readonly string[])[]
  /** How often each client has been answered. */
  readonly rounds: number
  /** Who answers each client now. */
  present(): readonly (string | undefined)[]
  /** How many clients each origin answers now. */
  census(): Readonly<Record<string, number>>
  /** Ends it and tells what came of all requests. */
  stop(): Promise<Tally>
}

/** A crowd asks 100 times a second: enough for every gate of a ramp, and it leaves the machine to other tests. */
const SHAPE = { concurrency: 12, pauseMs: 115 } as const

/** Sends a crowd of clients to `host`, whose route has to expose the origin that answered. It ends with the test. */
export function startCrowd(router: Router, size: number, host = 'shop.test'): Crowd {
  const histories: string[][] = Array.from({ length: size }, () => [])
  let answered = 0
  let isOver = false
  const loading = load({ ...SHAPE, isOver: () => isOver }, async (number, agent) => {
    const client = number % size
    const headers = [['Host', host], ...fromEdge(addressOf(client))] as const
    const got = await router.send(`http://${host}/`, { headers, agent })
    const origin = header(got, 'portolan-origin') ?? `status ${got.status}`
    const history = histories[client]
    if (history && history.at(-1) !== origin) history.push(origin)
    answered += 1
    return got
  })
  const stop = (): Promise<Tally> => {
    isOver = true
    return loading
  }
  onTestFinished(async () => void (await stop()))
  const present = () => histories.map((history) => history.at(-1))
  return {
    histories,
    get rounds() {
      return Math.floor(answered / size)
    },
    present,
    census() {
      const counts: Record<string, number> = {}
      for (const origin of present()) {
        if (origin !== undefined) counts[origin] = (counts[origin] ?? 0) + 1
      }
      return counts
    },
    stop,
  }
}

/** An address of the networks kept for benchmarks (RFC 2544). */
function addressOf(client: number): string {
  return `198.18.${Math.floor(client / 250)}.${(client % 250) + 1}`
}
