import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { type Origin, type OriginExchange, startOrigin } from './origin.ts'

/** One message as a receiver got it. */
export interface ReceivedMessage {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly atMs: number
}

/** How a receiver answers. */
export interface ReceiverAnswer {
  readonly status: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Somebody who takes messages on the loopback interface. */
export interface Webhook {
  readonly url: string
  /** The process behind it, which can be killed and revived. */
  readonly origin: Origin
  /** All that came, in order, whatever it was answered. */
  readonly received: readonly ReceivedMessage[]
  /** What the next messages are answered instead, one each; `'nothing'` leaves a message without an answer. */
  answerNext(...answers: readonly (ReceiverAnswer | 'nothing')[]): void
}

/** Judges a message as the real receiver would. */
export type Judge = (message: ReceivedMessage) => ReceiverAnswer

/** Starts a receiver that ends with the test. Without a judge everything is taken. */
export async function startWebhook(judge: Judge = () => ({ status: 204 })): Promise<Webhook> {
  const origin = await startOrigin('receiver')
  const received: ReceivedMessage[] = []
  const planned: (ReceiverAnswer | 'nothing')[] = []
  origin.answer(async (exchange) => {
    const message = await toMessage(exchange)
    received.push(message)
    const answer = planned.shift() ?? judge(message)
    if (answer === 'nothing') return
    exchange.response.writeHead(answer.status, answer.headers)
    exchange.response.end(answer.body)
  })
  onTestFinished(() => origin.stop())
  return {
    url: origin.url,
    origin,
    received,
    answerNext: (...answers) => void planned.push(...answers),
  }
}

async function toMessage({ request, received }: OriginExchange): Promise<ReceivedMessage> {
  const atMs = Date.now()
  if (!request.readableEnded) await once(request, 'end')
  const headers = received.headers.map(([name, value]) => [name.toLowerCase(), value] as const)
  const { method, target: path, bodyText: body } = received
  return { method, path, headers: Object.fromEntries(headers), body, atMs }
}
