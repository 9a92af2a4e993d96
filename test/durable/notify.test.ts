import { runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Message } from '../../src/schema/notice.ts'
import { OUTBOX } from '../../src/state/outbox/state.ts'
import { emptyAll, endAll, endOne } from '../support/processes-worker.ts'
import { untilHolds } from '../support/until.ts'
import { control, controlStub, put, valueOf } from './control-harness.ts'

// Receivers stand where the platform's `fetch` is, so that an attempt can be left hanging while its object ends;
// test/system has them as real servers.

interface Sent {
  readonly id: string
  readonly message: Message
  readonly atMs: number
}

const sent: Sent[] = []
let answer: () => Promise<Response>

function configWith(weight: number, extra: object = {}) {
  const hook = { type: 'webhook', url: 'https://hooks.example.com/', kinds: ['configuration'] }
  return {
    pools: { us: { origins: { 'us-1': { url: 'https://us-1.example.com', weight } } } },
    notifications: { hook: { ...hook, group: '0ms', ...extra } },
  }
}

/** Lets time pass for the object, whose alarm is rung by hand. */
async function passAndRing(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms)
  await runDurableObjectAlarm(controlStub())
}

async function receiver() {
  return valueOf(await control.call('notifications', {})).items[0]
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  sent.length = 0
  answer = async () => new Response(null, { status: 204 })
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (_url, init) => {
    const message = (await new Response(init?.body).json()) as Message
    sent.push({ id: message.id, message, atMs: Date.now() })
    return answer()
  })
})

afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  await emptyAll()
})

describe('the control object', () => {
  it('tells of a revision to who wants to know', async () => {
    await put(configWith(1))
    await untilHolds(async () =>
      expect(await receiver()).toMatchObject({ delivered: 1, pending: 0 }),
    )
    expect(sent).toMatchObject([{ message: { action: 'inform', title: 'revision 1 is in force' } }])
  })

  it('waits for no receiver', async () => {
    answer = () => new Promise(() => {})
    await put(configWith(1))
    const answered = await put(configWith(2))
    expect(answered).toMatchObject({ outcome: 'accepted', revision: 2 })
    expect(await receiver()).toMatchObject({ pending: 2, delivered: 0 })
  })

  it('that ends while an attempt is under way makes another, under the same id', async () => {
    answer = () => new Promise(() => {})
    await put(configWith(1))
    await untilHolds(() => expect(sent).toHaveLength(1))
    await endAll()
    answer = async () => new Response()
    await passAndRing(OUTBOX.leaseMs)
    await untilHolds(async () =>
      expect(await receiver()).toMatchObject({ delivered: 1, pending: 0 }),
    )
    expect(sent.map(({ id }) => id)).toEqual([sent[0]?.id, sent[0]?.id])
  })

  it('goes on by alarm where it stopped, with nobody calling', async () => {
    answer = async () => new Response('busy', { status: 503 })
    await put(configWith(1))
    await untilHolds(async () => {
      expect(await receiver()).toMatchObject({
        failures: 1,
        lastError: { why: 'status 503: busy' },
      })
    })
    await endOne(controlStub())
    answer = async () => new Response()
    await passAndRing(2000)
    await untilHolds(() => expect(sent).toHaveLength(2))
    await untilHolds(async () =>
      expect(await receiver()).toMatchObject({ delivered: 1, failures: 0 }),
    )
    expect(await runDurableObjectAlarm(controlStub())).toBe(false)
  })

  it('holds what somebody has to mend until a configuration mends it', async () => {
    await put(configWith(1, { secret: 'MISSING' }))
    await untilHolds(async () => {
      expect(await receiver()).toMatchObject({
        pending: 1,
        lastError: { why: expect.stringContaining('there is no secret "MISSING"') },
      })
    })
    expect(sent).toEqual([])
    await put(configWith(1))
    await untilHolds(async () =>
      expect(await receiver()).toMatchObject({ delivered: 2, pending: 0 }),
    )
    expect(sent.map(({ message }) => message.title)).toEqual([
      'revision 1 is in force',
      'revision 2 is in force',
    ])
  })

  it('tries a receiver when it is asked to, and says what came of it', async () => {
    expect(valueOf(await control.call('tryNotification', { id: 'hook' }))).toBeNull()
    await put(configWith(1, { kinds: ['health'] }))
    expect(valueOf(await control.call('tryNotification', { id: 'hook' }))).toEqual({
      outcome: 'delivered',
    })
    answer = async () => new Response('who?', { status: 401 })
    expect(valueOf(await control.call('tryNotification', { id: 'hook' }))).toMatchObject({
      outcome: 'failed',
      why: 'status 401: who?',
    })
    expect(await receiver()).toMatchObject({ pending: 0, delivered: 0, dropped: 0 })
    expect(valueOf(await control.call('tryNotification', { id: 'nobody' }))).toBeNull()
  })
})
