import { expect, test } from 'vitest'
import { connectRaw } from '../support/raw-client.ts'
import { http, shareLanes } from '../support/lane.ts'
import type { Reply } from '../support/origin.ts'
import { gate, reply } from '../support/reply.ts'
import { until } from '../support/until.ts'

const failing = reply({ status: 503 })
const inTurns = { balance: { algorithm: 'round-robin' } } as const

/** Answers like another reply, and counts how many it is at, at once and at most. */
function counting(then: Reply) {
  const seen = { now: 0, most: 0, total: 0 }
  const answer: Reply = async (exchange) => {
    seen.now += 1
    seen.total += 1
    seen.most = Math.max(seen.most, seen.now)
    await then(exchange)
    seen.now -= 1
  }
  return { seen, answer }
}

const lane = shareLanes()

/** An origin that fails and will be put aside, beside one that is well. */
function failingBeside(trials: number, ejection: '1s' | '3s' = '1s') {
  const pool = { ...inTurns, outlier: { consecutive: 2, ejection, trials } }
  return lane({ bad: http(failing), good: http() }, {}, pool)
}

type To = ReturnType<ReturnType<typeof failingBeside>>

/** The same when it has failed. */
async function putAside(to: To): Promise<To> {
  await burst(to, 6)
  // On a busy machine a second may be over by now.
  const circuit = expect.stringMatching(/^(half-)?open$/)
  expect(await circuitOf(to)).toMatchObject({ circuit, ejections: 1 })
  return to
}

function burst(to: To, count: number): Promise<ReadonlySet<number>> {
  return startBurst(to, count).over
}

/** Requests at once: how many are answered so far, and the statuses of all. */
function startBurst({ router, url }: To, count: number) {
  const seen = { answered: 0 }
  const sent = Array.from({ length: count }, async () => {
    const { status } = await router.send(url)
    seen.answered += 1
    return status
  })
  return {
    seen,
    over: Promise.all(sent).then((statuses): ReadonlySet<number> => new Set(statuses)),
  }
}

async function circuitOf({ seen }: To) {
  return (await seen()).find(({ origin }) => origin.startsWith('bad'))
}

async function untilHalfOpen(to: To): Promise<void> {
  await until(async () => (await circuitOf(to))?.circuit === 'half-open')
}

const two = failingBeside(2)

test('after an ejection no more than the trials are at the origin at once, until they have succeeded', async () => {
  const to = await putAside(two())
  const { bad } = to
  const trials = gate(reply())
  const tried = counting(trials.reply)
  bad.answer(tried.answer)
  await untilHalfOpen(to)
  const first = startBurst(to, 40)
  await until(() => first.seen.answered === 38)
  expect(tried.seen).toEqual({ now: 2, most: 2, total: 2 })
  trials.open()
  expect(await first.over).toEqual(new Set([200]))
  expect(await circuitOf(to)).toMatchObject({ circuit: 'closed', ejections: 1 })

  const held = gate(reply())
  const taken = counting(held.reply)
  bad.answer(taken.answer)
  const second = startBurst(to, 40)
  await until(() => taken.seen.now > 10)
  held.open()
  expect(await second.over).toEqual(new Set([200]))
})

// Who has been well for as long as that is not ejected for longer.
const twoForLong = failingBeside(2, '3s')

test('a trial that fails is answered by another origin, and ejects this one for longer', async () => {
  const to = await putAside(twoForLong())
  const { bad } = to
  await untilHalfOpen(to)
  const before = bad.requests.length
  const beganMs = Date.now()
  expect(await burst(to, 20)).toEqual(new Set([200]))
  expect(bad.requests.length - before).toBeLessThanOrEqual(2)
  const { ejections, ejectedForMs = 0 } = (await circuitOf(to)) ?? {}
  expect(ejections).toBe(2)
  // What is left of it, and what has passed of it at most.
  expect(ejectedForMs + Date.now() - beganMs).toBeGreaterThanOrEqual(6000)
})

const one = failingBeside(1)

test('a trial whose client leaves gives its place to the next one', async () => {
  const to = await putAside(one())
  const { bad, router, host } = to
  const held = gate(reply())
  const { seen, answer } = counting(held.reply)
  bad.answer(answer)
  await untilHalfOpen(to)
  const clients = await Promise.all([1, 2, 3].map(() => connectRaw(router.url)))
  for (const client of clients) client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  await until(() => seen.total === 1)
  for (const client of clients) client.reset()
  await until(() => bad.requests.at(-1)?.aborted === true)
  const sent: Promise<unknown>[] = []
  await until(() => {
    sent.push(burst(to, 2))
    return seen.total > 1
  })
  held.open()
  await Promise.all(sent)
  expect(await circuitOf(to)).toMatchObject({ circuit: 'closed', ejections: 1 })
})
