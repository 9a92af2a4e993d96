import { expect, onTestFinished, test } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { header, type Received } from '../support/client.ts'
import { load } from '../support/load.ts'
import { areHealthy, originOf } from '../support/operator.ts'
import type { Origin, Reply } from '../support/origin.ts'
import { reply } from '../support/reply.ts'
import { startRouter, type Router } from '../support/router.ts'
import { stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

const PAGES = 150
const READERS = 8

/** Pages are fresh for a second, so that an outage of seconds makes all of them old. */
const page: Reply = reply({ body: 'page', headers: [['Cache-Control', 'max-age=1']] })

function configOf(origins: readonly Origin[]): AuthoredConfig {
  return {
    monitors: {
      web: { profile: 'fast', path: '/health', interval: '1s', timeout: '1s', fall: 2, rise: 2 },
    },
    ramps: { quick: { dwell: '1s', gate: { minSamples: 0 } } },
    pools: Object.fromEntries(
      origins.map(({ id, url }) => [
        id,
        { monitor: 'web', recovery: 'quick', origins: { [id]: { url } } },
      ]),
    ),
    routes: {
      site: {
        steer: { policy: 'failover', pools: origins.map(({ id }) => id) },
        // Whoever asks for a page that nobody has yet is to be refused at once.
        panic: { rule: 'refuse' },
        cache: { stale: { whileRecovering: '6s' }, tiers: { kv: false, colo: false } },
      },
    },
  }
}

/** When each page was first fetched from any of these origins, since that was forgotten. */
function fetchesOf(origins: readonly Origin[]): { readonly atMs: number[]; forget(): void } {
  const atMs: number[] = []
  const seen = new Set(['/health'])
  for (const origin of origins) {
    origin.answer((exchange) => {
      const { target } = exchange.received
      if (!seen.has(target)) atMs.push(Date.now())
      seen.add(target)
      return page(exchange)
    })
  }
  const forget = () => {
    atMs.splice(0)
    seen.clear()
    seen.add('/health')
  }
  return { atMs, forget }
}

/** Readers who ask for one page after the other, some hundred times a second, until they are stopped. */
function startReaders(router: Router) {
  let isOver = false
  const seen = { stale: 0, fresh: 0 }
  const reading = load(
    { concurrency: READERS, pauseMs: 25, isOver: () => isOver },
    async (number, agent) => {
      const got = await router.send(`http://site.test/page-${number % PAGES}`, { agent })
      if (isStale(got)) seen.stale += 1
      else seen.fresh += 1
      return got
    },
  )
  const stop = () => {
    isOver = true
    return reading
  }
  onTestFinished(async () => void (await stop()))
  return { seen, stop }
}

function isStale(got: Received): boolean {
  return /; hit; ttl=-\d/.test(header(got, 'cache-status') ?? '')
}

/** The most moments of a list that lie within so many ms. */
function mostIn(ms: number, moments: readonly number[]): number {
  const counts = moments.map((from) => moments.filter((at) => at >= from && at < from + ms).length)
  return Math.max(...counts)
}

test('readers notice nothing of an outage of all origins, and the origins no stampede at its end', async () => {
  const origins = [await stageOrigin('eu'), await stageOrigin('us')]
  const fetches = fetchesOf(origins)
  const router = await startRouter(configOf(origins))
  const readers = startReaders(router)
  // They go through all pages in turn: somebody has got each of them.
  await until(() => readers.seen.fresh >= PAGES + READERS)
  await until(() => areHealthy(router, ['eu', 'us']))
  for (const origin of origins) await origin.kill()
  const before = { ...readers.seen }
  for (const { id } of origins) {
    await until(async () => (await originOf(router, id)).health === 'unhealthy')
  }
  for (let round = 1; round <= 5; round += 1) {
    await until(() => readers.seen.stale - before.stale > round * PAGES)
  }
  // What nobody has is refused as soon as the isolate has heard of it, so the origins are out for good.
  await until(async () => (await router.send('http://site.test/never-seen')).status === 503)
  fetches.forget()
  for (const origin of origins) await origin.revive()
  // Their window begins when the isolate hears of the return, seconds later on a busy machine.
  await until(() => fetches.atMs.length > 0)
  await until(() => fetches.atMs.length === PAGES)
  const tally = await readers.stop()
  expect(Object.keys(tally)).toEqual(['200'])
  // Each page at a moment of its own in the window: one in twelve in half a second, and not all of them.
  expect(mostIn(500, fetches.atMs)).toBeLessThan(PAGES / 2.5)
}, 120_000)
