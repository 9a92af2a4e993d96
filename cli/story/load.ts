import { Agent, request } from 'node:http'

/** Requests at a steady rate from many clients, tallied by the pool that answered. */
export interface Load {
  /** What came since the last time this was asked. */
  take(): { readonly answers: Record<string, number>; readonly errors: number }
  stop(): Promise<void>
}

/** How much, and from how many. */
export interface LoadShape {
  readonly requestsPerSecond: number
  readonly clients: number
}

const TIMEOUT_MS = 10_000

/** Puts a steady load of GET requests on a router. An answer that is no success counts as an error. */
export function startLoad(router: string, { requestsPerSecond, clients }: LoadShape): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 })
  const pending = new Set<Promise<void>>()
  let tally = { answers: {} as Record<string, number>, errors: 0 }
  let sent = 0
  const note = (pool: string | undefined): void => {
    if (pool === undefined) tally.errors += 1
    else tally.answers[pool] = (tally.answers[pool] ?? 0) + 1
  }
  const startedAtMs = performance.now()
  const sendOne = (): void => {
    const client = toAddress(Math.floor(Math.random() * clients))
    sent += 1
    const work = ask(new URL(`/shop/${sent}`, router), agent, client).then(note)
    pending.add(work)
    void work.finally(() => pending.delete(work))
  }
  // Timers drift; how many should have been sent by now does not.
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAtMs) * requestsPerSecond) / 1000)
    for (let missing = due - sent; missing > 0; missing -= 1) sendOne()
  }, 5)
  return {
    take() {
      const taken = tally
      tally = { answers: {}, errors: 0 }
      return taken
    },
    async stop() {
      clearInterval(timer)
      await Promise.all(pending)
      agent.destroy()
    },
  }
}

/** Which pool answered; undefined when none did well. */
function ask(url: URL, agent: Agent, client: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    // As the edge would name the client (Cloudflare sets this header itself).
    const headers = { 'cf-connecting-ip': client }
    const sent = request(url, { agent, headers, timeout: TIMEOUT_MS }, (response) => {
      const origin = String(response.headers['portolan-origin'] ?? '')
      const isGood = response.statusCode === 200 && origin !== ''
      response.resume()
      response.once('end', () => resolve(isGood ? origin.replace(/-\d+$/, '') : undefined))
      response.once('error', () => resolve(undefined))
    })
    sent.once('timeout', () => sent.destroy())
    sent.once('error', () => resolve(undefined))
    sent.end()
  })
}

/** An address of the networks kept for benchmarks (RFC 2544). */
function toAddress(client: number): string {
  return `198.18.${Math.floor(client / 250)}.${(client % 250) + 1}`
}
