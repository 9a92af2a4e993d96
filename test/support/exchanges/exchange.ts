import type { HeaderLines } from '../client.ts'

/** A few requests for one URL, one after the other, and what the origin says to each if it is asked. */
export interface Exchange {
  readonly title: string
  readonly steps: readonly Step[]
}

/** One request. */
export interface Step {
  readonly method: string
  readonly sends: HeaderLines
  readonly answer: OriginAnswer
}

/** What the origin answers. A request with a condition that its validators meet gets 304, as it should. */
export interface OriginAnswer {
  readonly status: number
  /** `{now}`, `{now+60}` and `{now-60}` in a value stand for dates. `Date` is now, unless it stands here; '' is none. */
  readonly headers: HeaderLines
  /** Its body is this letter, twenty times. */
  readonly content: 'a' | 'b'
  /** Later than a cache that does not wait for it. */
  readonly isSlow?: boolean
}

/** What came of one request. */
export interface Outcome {
  /** `behind`: it was asked, but the client had his answer before the origin had given one. */
  readonly asked: 'not' | 'plainly' | 'conditionally' | 'behind'
  readonly status: number
  /** Letter and length: `a20` is whole, `a4` a part, `-` none. */
  readonly body: string
  /** The step that the head came from, which every answer of the origin says; none where a cache made it. */
  readonly head: number | undefined
  /** Between which seconds lies what `Age` counts of the time before it came here. */
  readonly age: { readonly least: number; readonly most: number } | undefined
}

/** Length of every body. */
export const BODY_BYTES = 20

/** The header by which an answer says at which step it was made. */
export const HEAD = 'x-head'

/** The header by which a request says which step it is. */
export const STEP = 'x-step'
