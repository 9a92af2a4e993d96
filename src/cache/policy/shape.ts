import { isNotModified } from './conditional.ts'
import type { CacheRequest } from './message.ts'
import { selectRange, type Selection } from './range.ts'
import type { Stored } from './stored.ts'

/** In which form a stored answer is given out: as it is, a part, 416 or 304. To HEAD all go without a body. */
export type Shape = Selection | { readonly type: 'not-modified' }

const NOT_MODIFIED: Shape = { type: 'not-modified' }

/**
 * The form in which a client gets a stored answer (RFC 9110 §13.2.2). Of a plain request three headers are looked for:
 * `If-None-Match`, `If-Modified-Since`, `Range`.
 */
export function toShape(stored: Stored, request: CacheRequest): Shape {
  return isNotModified(stored, request) ? NOT_MODIFIED : selectRange(stored, request)
}
