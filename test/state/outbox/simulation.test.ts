import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Delivery, Notice } from '../../../src/schema/notice.ts'
import type { OutboxEffect } from '../../../src/state/outbox/send.ts'
import { OUTBOX } from '../../../src/state/outbox/state.ts'
import {
  delivered,
  down,
  failedWith,
  OutboxWorld,
  pagerduty,
  poolDown,
  slack,
  up,
  webhook,
} from './world.ts'

// A seeded world: origins fall and recover, receivers refuse, stall and come back, answers are lost, processes end,
// clocks jump.
// Whatever happened, once everybody can be reached the receivers know how things stand.

const poolUp: Partial<Notice> = { title: 'pool us is up', severity: 'info', resolves: true }

const Happening = fc.oneof(
  fc.record({ type: fc.constant('turn' as const), at: fc.nat(3), isDown: fc.boolean() }),
  fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 600_000 }) }),
  fc.record({
    type: fc.constant('jump' as const),
    ms: fc.integer({ min: -600_000, max: 600_000 }),
  }),
  fc.record({ type: fc.constant('restart' as const) }),
  fc.record({ type: fc.constant('configure' as const) }),
)
const Answer = fc.constantFrom('good', 'good', 'lost', 'heard-not', 'retry', 'later', 'hold')

const notifications = { hook: webhook, chat: slack, pd: pagerduty, more: webhook, last: webhook }

/** What receivers know: by group whether something is wrong, by matter the last word. */
class Receivers {
  readonly open = new Map<string, boolean>()
  readonly words = new Map<string, boolean>()
  readonly changed: string[] = []
  private readonly ids = new Map<string, string>()

  take({ receiver, message }: OutboxEffect): void {
    // The same id is the same message, whatever happened in between.
    const text = JSON.stringify(message)
    const key = `${receiver} ${message.id}`
    if ((this.ids.get(key) ?? text) !== text) this.changed.push(key)
    this.ids.set(key, text)
    this.open.set(`${receiver} ${message.dedupKey}`, message.action === 'trigger')
    for (const { dedupKey, resolves } of message.notices) {
      this.words.set(`${receiver} ${dedupKey}`, !resolves)
    }
  }
}

function newsOf(at: number, isDown: boolean): Notice {
  if (at === 3) return isDown ? poolDown() : poolDown(poolUp)
  return isDown ? down(`us-${at + 1}`) : up(`us-${at + 1}`)
}

function answerBy(answers: readonly string[], receivers: Receivers) {
  let at = 0
  return (effect: OutboxEffect): Delivery | undefined => {
    const answer = answers[at % answers.length]
    at += 1
    // Lost on the way there, or on the way back.
    if (answer === 'lost') return undefined
    if (answer === 'retry') return failedWith()
    if (answer === 'later') return failedWith({ retryAfterMs: 60_000 })
    if (answer === 'hold') return failedWith({ next: 'hold' })
    receivers.take(effect)
    return answer === 'heard-not' ? undefined : delivered
  }
}

/** Attempts that came before one of an older message to the same receiver. */
function overtakings(sent: readonly OutboxEffect[]): string[] {
  const last = new Map<string, number>()
  return sent.flatMap(({ receiver, message: { id } }) => {
    const sequence = Number.parseInt(id.split('-')[1] ?? '', 36)
    const isLate = sequence < (last.get(receiver) ?? 0)
    last.set(receiver, sequence)
    return isLate ? [id] : []
  })
}

describe('whatever happens', () => {
  it('everybody knows in the end how things stand, and was told in order', () => {
    const happenings = fc.array(Happening, { maxLength: 60 })
    const answers = fc.array(Answer, { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(happenings, answers, (story, replies) => {
        const world = new OutboxWorld()
        const receivers = new Receivers()
        const isDown = [false, false, false, false]
        world.configure(notifications)
        world.answer = answerBy(replies, receivers)
        for (const happening of story) {
          if (happening.type === 'pass') world.pass(happening.ms)
          if (happening.type === 'jump') world.nowMs += happening.ms
          if (happening.type === 'restart') world.restart()
          if (happening.type === 'configure') world.configure(notifications)
          if (happening.type !== 'turn' || isDown[happening.at] === happening.isDown) continue
          isDown[happening.at] = happening.isDown
          world.tell(newsOf(happening.at, happening.isDown))
        }
        world.answer = answerBy(['good'], receivers)
        world.pass(OUTBOX.longestRetryAfterMs)
        expect(world.state.messages).toEqual({})
        expect(overtakings(world.sent)).toEqual([])
        expect(receivers.changed).toEqual([])
        // Nothing is a day old here, so nothing may have been dropped.
        for (const receiver of Object.values(world.state.outbox.receivers)) {
          expect(receiver).toMatchObject({ dropped: 0, untold: 0, inFlight: null })
        }
        const anything = isDown.includes(true)
        for (const receiver of Object.keys(notifications)) {
          expect(receivers.open.get(`${receiver} portolan/pool:us`) ?? false).toBe(anything)
        }
        for (const [at, word] of isDown.entries()) {
          const key = at === 3 ? 'pool:us' : `origin:us-${at + 1}`
          expect(receivers.words.get(`hook ${key}`) ?? false).toBe(word)
        }
      }),
      { numRuns: 500 },
    )
  })
})
