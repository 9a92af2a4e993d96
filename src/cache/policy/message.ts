/** Header fields by name in lower case, in the order in which they came; a name may come several times. */
export type Fields = readonly (readonly [name: string, value: string])[]

/** A request as the policy judges it. Only what the policy asks for is read: `header` answers for any name. */
export interface CacheRequest {
  readonly method: string
  /** The value of a header, several joined by ", "; `undefined` where there is none. Names are lower case. */
  header(name: string): string | undefined
}

/** The head of an origin's answer. */
export interface CacheResponse {
  readonly status: number
  readonly fields: Fields
}

/** When a request was sent and when the head of its answer came (RFC 9111 §4.2.3), in ms. */
export interface Timing {
  readonly requestedAtMs: number
  readonly receivedAtMs: number
}
