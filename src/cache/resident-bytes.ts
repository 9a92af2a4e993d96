import type { Resident } from './resident.ts'

// Fitted to the heap of workerd 1.20261023.1 after its garbage was collected, on the side of too much. Names of fields
// count, though answers from an origin share them: those from another tier do not.

/** What an entry takes beside all that is counted below: its place in line, in the map and among the ghosts, its head. */
const ENTRY_BYTES = 400
/** A text beside its characters. */
const TEXT_BYTES = 16
/** A place in a list. */
const PLACE_BYTES = 8
/** A field beside its texts: a pair, and a place in a list. */
const FIELD_BYTES = 40
/** A body beside its bytes, most of it outside of the heap; estimated. */
const BODY_BYTES = 200

/** What an entry of memory takes, all in all. */
export function residentBytesOf(key: string, resident: Resident): number {
  const own = ENTRY_BYTES + bytesOfText(key)
  return resident.type === 'answer'
    ? own + bytesOfAnswer(key, resident)
    : // Names of those that have left memory are still held here.
      own + bytesOfTexts(resident.head.vary) + bytesOfTexts(resident.names)
}

/** The bytes of its body alone. */
export function bodyBytesOf(resident: Resident): number {
  return resident.type === 'answer' ? (resident.body?.byteLength ?? 0) : 0
}

type Answer = Extract<Resident, { readonly type: 'answer' }>

function bytesOfAnswer(key: string, { head, body }: Answer): number {
  let bytes = bytesOfTexts(head.tags) + bytesOfTexts(head.vary)
  for (const [name, value] of head.fields) {
    bytes += FIELD_BYTES + name.length + bytesOfText(value)
  }
  if (head.key !== key) bytes += bytesOfText(head.key)
  return body === null ? bytes : bytes + BODY_BYTES + body.byteLength
}

function bytesOfTexts(texts: Iterable<string>): number {
  let bytes = 0
  for (const text of texts) bytes += PLACE_BYTES + bytesOfText(text)
  return bytes
}

/** A text with one character beyond Latin-1 takes two bytes for each. */
function bytesOfText(text: string): number {
  return TEXT_BYTES + (BEYOND_LATIN_1.test(text) ? 2 : 1) * text.length
}

const BEYOND_LATIN_1 = /[^\0-\xff]/
