import * as http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Received } from './client.ts'

/** What came of many requests: how often each status, or each error, came. */
export type Tally = Readonly<Record<string, number>>

/** How many requests are under way at once, and when there are enough of them. */
export interface LoadShape {
  readonly concurrency: number
  readonly requests?: number
  readonly isOver?: () => boolean
  /** How long each connection rests after an answer. */
  readonly pauseMs?: number
}

/**
 * Sends requests on connections that are kept, and tallies what came back. An answer that broke off counts as
 * "incomplete".
 */
export async function load(
  { concurrency, requests = Infinity, isOver = () => false, pauseMs = 0 }: LoadShape,
  sendOne: (number: number, agent: http.Agent) => Promise<Received>,
): Promise<Tally> {
  // In turns, so that none of them rests until the runtime ends it, perhaps just as it is used again.
  const agent = new http.Agent({ keepAlive: true, maxSockets: concurrency, scheduling: 'fifo' })
  const tally: Record<string, number> = {}
  let next = 0
  const work = async (): Promise<void> => {
    while (next < requests && !isOver()) {
      next += 1
      const outcome = await sendOne(next, agent).then(toOutcome, (error: Error) => error.message)
      tally[outcome] = (tally[outcome] ?? 0) + 1
      if (pauseMs > 0) await sleep(pauseMs)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  agent.destroy()
  return tally
}

function toOutcome({ status, complete }: Received): string {
  return complete ? String(status) : 'incomplete'
}
