import { expect, test } from 'vitest'
import type { ObservedReport } from '../support/observed-worker.ts'
import { load } from '../support/load.ts'
import { reply } from '../support/reply.ts'
import { observe, type Router, startRouter } from '../support/router.ts'
import { inOnePool, stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

const observed = { worker: 'observed' } as const
const inTurns = { balance: { algorithm: 'round-robin' } } as const

async function sendMany(router: Router, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    expect((await router.send('http://shop.test/')).status).toBe(200)
  }
}

async function reportsOf(router: Router, origin: string): Promise<readonly ObservedReport[]> {
  return (await observe(router)).reports.filter((each) => each.origin === origin)
}

function sumOf(reports: readonly ObservedReport[], what: 'requests' | 'failures'): number {
  return reports.reduce((sum, { report }) => sum + report[what], 0)
}

/** Everything that was seen, or what was seen of one, has been said, and nobody is asked to send more requests for that. */
async function isAllSaid(router: Router, of?: string): Promise<boolean> {
  const { origins } = await router.status()
  return origins.every(({ origin, unreported }) => unreported === 0 || (of ?? origin) !== origin)
}

test('what an idle isolate has seen is told within seconds, each request once', async () => {
  const one = await stageOrigin('one')
  const two = await stageOrigin('two')
  const router = await startRouter(inOnePool([one, two], inTurns), observed)
  await sendMany(router, 60)
  await until(() => isAllSaid(router))
  const [ofOne, ofTwo] = [await reportsOf(router, 'one'), await reportsOf(router, 'two')]
  expect([sumOf(ofOne, 'requests'), sumOf(ofTwo, 'requests')]).toEqual([
    one.requests.length,
    two.requests.length,
  ])
  const { report } = ofOne[0] ?? {}
  expect(report).toMatchObject({ pool: 'all', failures: 0, errors: 0, ejectedFor: '' })
  const counted = Object.values(report?.latencies ?? {}).reduce((sum, each) => sum + each, 0)
  expect(counted).toBe(report?.requests)
  const isolates = [...ofOne, ...ofTwo].map((each) => each.report.isolate)
  expect(new Set(isolates).size).toBe(1)
  expect((await router.status()).isolate.reports).toMatchObject({ unanswered: 0, untold: 0 })
})

test('under load an origin is reported on at most every two seconds', async () => {
  const flaky = await stageOrigin('flaky')
  const good = await stageOrigin('good')
  let count = 0
  flaky.answer((exchange) => {
    count += 1
    return reply({ status: count % 10 === 0 ? 503 : 200 })(exchange)
  })
  const router = await startRouter(inOnePool([flaky, good], inTurns), observed)
  const endMs = Date.now() + 9000
  await load({ concurrency: 8, pauseMs: 60, isOver: () => Date.now() > endMs }, (_, agent) =>
    router.send('http://shop.test/', { agent }),
  )
  await until(() => isAllSaid(router))
  const reports = await reportsOf(router, 'flaky')
  const gaps = reports.slice(1).map(({ atMs }, at) => atMs - (reports[at]?.atMs ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2000)
  expect(reports.length).toBeGreaterThanOrEqual(4)
  expect(sumOf(reports, 'requests')).toBe(flaky.requests.length)
  expect(sumOf(reports, 'failures')).toBe(Math.floor(flaky.requests.length / 10))
  // Nothing fails there, so there is less to say.
  expect((await reportsOf(router, 'good')).length).toBeLessThan(reports.length)
})

test('an origin that is put aside is reported at once, with the reason', async () => {
  const bad = await stageOrigin('bad', reply({ status: 503 }))
  const good = await stageOrigin('good')
  const router = await startRouter(inOnePool([bad, good], inTurns), observed)
  await sendMany(router, 12)
  await until(async () => (await reportsOf(router, 'good')).length > 0)
  const [ofBad, ofGood] = [await reportsOf(router, 'bad'), await reportsOf(router, 'good')]
  // What has its time is said of all origins in one round, two seconds after the first request.
  expect((ofGood[0]?.atMs ?? 0) - (ofBad[0]?.atMs ?? 0)).toBeGreaterThan(100)
  expect(ofBad).toMatchObject([
    { report: { requests: 5, failures: 5, ejectedFor: '5 failures in a row' } },
  ])
})

test('the object of an origin knows what passed', async () => {
  const bad = await stageOrigin('bad', reply({ status: 503 }))
  const good = await stageOrigin('good')
  const router = await startRouter(inOnePool([bad, good], inTurns), observed)
  await sendMany(router, 20)
  // Not until all is said: an object that nobody asks for ten seconds forgets what passed.
  await until(() => isAllSaid(router, 'bad'))
  const namespace = await router.runtime.miniflare.getDurableObjectNamespace('ORIGIN')
  const object = namespace.get(namespace.idFromName('bad'))
  const answer = await object.fetch('https://object/call/measure', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ origin: 'bad', sinceMs: Date.now() - 60_000 }),
  })
  expect(await answer.json()).toMatchObject({ ok: true, value: { requests: 5, failures: 5 } })
})

test.each(['down', 'stalled'] as const)(
  'while the objects of the origins are %s no request suffers, and nothing is lost',
  async (mode) => {
    const bad = await stageOrigin('bad', reply({ status: 503 }))
    const good = await stageOrigin('good')
    const router = await startRouter(inOnePool([bad, good], inTurns), observed)
    await observe(router, { origin: mode })
    const endMs = Date.now() + 5000
    let slowestMs = 0
    const tally = await load(
      { concurrency: 4, pauseMs: 30, isOver: () => Date.now() > endMs },
      async (_, agent) => {
        const beganMs = Date.now()
        const got = await router.send('http://shop.test/', { agent })
        slowestMs = Math.max(slowestMs, Date.now() - beganMs)
        return got
      },
    )
    expect(Object.keys(tally)).toEqual(['200'])
    // Who waited for a call would wait for a second and a half; a machine that stands still for one is none of that.
    expect(slowestMs).toBeLessThan(1400)
    await until(async () => (await router.status()).isolate.reports.unanswered > 1)
    expect((await router.status()).isolate.reports.sent).toBe(0)
    await observe(router, { origin: 'up' })
    await until(() => isAllSaid(router))
    const heard = new Map(
      (await reportsOf(router, 'good')).map(({ report }) => [report.sequence, report.requests]),
    )
    const sum = [...heard.values()].reduce((total, each) => total + each, 0)
    expect(sum).toBe(good.requests.length)
  },
)
