import type { Fields } from '../../cache/policy/message.ts'
import type { KeptBody } from '../../cache/tier.ts'

/** Lets go of a body that nobody is going to read. */
export function letGo(body: KeptBody): void {
  // Whether the other side minds is of no interest.
  if (body instanceof ReadableStream) body.cancel().catch(() => undefined)
}

/** Where nothing else tells how long a body is: itself, where it is all here. */
export function lengthOf(body: KeptBody): number | undefined {
  if (body === null) return 0
  return body instanceof ArrayBuffer ? body.byteLength : undefined
}

/** Fields as the platform has them. */
export function toHeaders(fields: Fields): Headers {
  const headers = new Headers()
  for (const [name, value] of fields) headers.append(name, value)
  return headers
}

/** Statuses that no body comes with, also no empty one (Fetch standard, "null body status"). */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}
