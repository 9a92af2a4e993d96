import type { HeaderLines } from '../client.ts'
import type { Exchange, OriginAnswer, Outcome, Step } from './exchange.ts'

/** An exchange of which the standards say what its last step gives. */
export interface Case extends Exchange {
  readonly section: string
  /** As `told` tells it. */
  readonly expected: string
}

/** Two requests, in as few words as they need. */
export interface Shape {
  /** Cache-Control of the first answer; none where it is empty. */
  readonly says?: string
  readonly headers?: HeaderLines
  readonly status?: number
  readonly sends?: HeaderLines
  /** Of the second request. Default: GET. */
  readonly method?: string
  /** Of the second request; as the first, unless it is given. */
  readonly sendsLater?: HeaderLines
  /** What the origin has when it is asked again. Default: something else, with no validator. */
  readonly later?: 'same' | 'changed' | 'fails'
  readonly isSlow?: boolean
  /** What its title does not say otherwise. */
  readonly note?: string
}

/** What the second request gives, as `told` tells it: what is stored; what the origin has now; what it says still holds. */
export const FRESH = 'not 200 a20'
export const AGAIN = 'plainly 200 b20'
export const CHECKED = 'conditionally 200 a20'

/** Validators of an answer. */
export const TAG: HeaderLines = [['ETag', '"one"']]
export const MODIFIED: HeaderLines = [['Last-Modified', '{now-86400}']]

/** What came of a step, in one line. */
export function told({ asked, status, body }: Outcome): string {
  return `${asked} ${status} ${body}`
}

/** The same request twice. */
export function twice(section: string, expected: string, shape: Shape): Case {
  const sends = shape.sends ?? []
  const headers = shape.headers?.map((line) => line.join(': ')) ?? []
  const words = [shape.status, shape.says, ...headers, shape.note, shape.later]
  return {
    section,
    expected,
    title: words.filter((word) => word !== undefined && word !== '').join('; '),
    steps: [
      { method: 'GET', sends, answer: answerOf(shape) },
      {
        method: shape.method ?? 'GET',
        sends: shape.sendsLater ?? sends,
        answer: laterAnswerOf(shape),
      },
    ],
  }
}

/** One request that nothing is stored for. */
export function once(section: string, expected: string, sends: HeaderLines): Case {
  const answer = answerOf({ says: 'max-age=60' })
  return {
    section,
    expected,
    title: sends.flat().join(' '),
    steps: [{ method: 'GET', sends, answer }],
  }
}

/** These methods, one after the other; each answer may be stored for a minute, where answers to its method may. */
export function byMethod(section: string, expected: string, methods: readonly string[]): Case {
  const steps = methods.map((method, at): Step => {
    const content = at === 0 ? 'a' : 'b'
    return { method, sends: [], answer: answerOf({ says: 'max-age=60', content }) }
  })
  return { section, expected, title: methods.join(', '), steps }
}

/** An answer of the origin. */
export function answerOf(shape: Shape & { readonly content?: 'a' | 'b' }): OriginAnswer {
  const says =
    shape.says === undefined || shape.says === '' ? [] : [['Cache-Control', shape.says] as const]
  return {
    status: shape.status ?? 200,
    headers: [...says, ...(shape.headers ?? [])],
    content: shape.content ?? 'a',
  }
}

function laterAnswerOf(shape: Shape): OriginAnswer {
  const { later, isSlow = false } = shape
  if (later === 'same') return { ...answerOf(shape), isSlow }
  if (later === 'fails') return { status: 503, headers: [], content: 'b', isSlow }
  const changed: HeaderLines = [
    ['ETag', '"changed"'],
    ['Last-Modified', '{now}'],
  ]
  const headers = later === 'changed' ? changed : []
  return { status: shape.status ?? 200, headers, content: 'b', isSlow }
}
