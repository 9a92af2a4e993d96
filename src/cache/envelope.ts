import { STORED_FORMAT, type Stored, type Variants } from './policy/stored.ts'

/** What stands in a tier beside the body. */
export type KeptHead =
  | { readonly type: 'answer'; readonly head: Stored }
  | { readonly type: 'variants'; readonly head: Variants }

/** The most that a head may have as text: half of what all headers of an answer of the Cache API may have (128 KB). */
export const HEAD_BYTES = 65_536

/** A head as one line of ASCII: it fits in a header, and has as many bytes as characters. */
export function toHeadText({ type, head }: KeptHead): string {
  const text = JSON.stringify({ type, head })
  return BEYOND_ASCII.test(text) ? text.replace(EACH_BEYOND_ASCII, toEscape) : text
}

/** What `toHeadText` made; `undefined` for anything else: what another release has written, or somebody by hand. */
export function parseHead(text: string | null): KeptHead | undefined {
  const value = text === null ? undefined : parseJson(text)
  if (!isRecord(value)) return undefined
  const { type, head } = value
  if (type === 'answer') return isWhole(head, STORED) ? { type, head } : undefined
  if (type === 'variants') return isWhole(head, VARIANTS) ? { type, head } : undefined
  return undefined
}

const BEYOND_ASCII = /[^\x20-\x7e]/
const EACH_BEYOND_ASCII = /[^\x20-\x7e]/g

/** JSON escapes what is below the space by itself. */
function toEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Whatever it is, none of ours.
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

type Check = (value: unknown) => boolean
type Checks<Head> = readonly (readonly [keyof Head, Check])[]

const isText: Check = (value) => typeof value === 'string'
const isFlag: Check = (value) => typeof value === 'boolean'
const isNumber: Check = (value) => typeof value === 'number'
const isList =
  (of: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(of)
const isField: Check = (value) => Array.isArray(value) && value.length === 2 && value.every(isText)
const isFormat: Check = (value) => value === STORED_FORMAT

/** Each field, so that a new one is not forgotten. */
const toChecks = <Head>(checks: Readonly<Record<keyof Required<Head>, Check>>): Checks<Head> =>
  Object.entries(checks) as [keyof Head, Check][]

/** By hand: it takes a tenth of what zod takes, and each hit beyond the memory does it. */
const STORED = toChecks<Stored>({
  format: isFormat,
  key: isText,
  route: isText,
  host: isText,
  path: isText,
  query: isText,
  tags: isList(isText),
  asOf: isNumber,
  status: isNumber,
  fields: isList(isField),
  bodyBytes: (value) => value === undefined || Number.isSafeInteger(value),
  requestedAtMs: isNumber,
  receivedAtMs: isNumber,
  initialAgeMs: isNumber,
  freshMs: isNumber,
  staleWhileRevalidateMs: isNumber,
  staleIfErrorMs: isNumber,
  staleWhileOutMs: isNumber,
  staleWhileRecoveringMs: isNumber,
  isValidatedAlways: isFlag,
  isNeverStale: isFlag,
  vary: isList(isText),
})

const VARIANTS = toChecks<Variants>({
  format: isFormat,
  key: isText,
  vary: isList(isText),
  sinceMs: isNumber,
})

function isWhole<Head>(value: unknown, checks: Checks<Head>): value is Head {
  return isRecord(value) && checks.every(([name, check]) => check(value[name as string]))
}
