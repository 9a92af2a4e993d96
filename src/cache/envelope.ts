import { parseJsonLine, toJsonLine } from './json-line.ts'
import { STORED_FORMAT, type Stored, type Variants } from './policy/stored.ts'

/** What stands in a tier beside the body. */
export type KeptHead =
  | { readonly type: 'answer'; readonly head: Stored }
  | { readonly type: 'variants'; readonly head: Variants }

/** A head as one line of ASCII. One that is longer than `JSON_LINE_BYTES` is not kept. */
export function toHeadText({ type, head }: KeptHead): string {
  return toJsonLine({ type, head })
}

/** What `toHeadText` made; `undefined` for anything else: what another release has written, or somebody by hand. */
export function parseHead(text: string | null): KeptHead | undefined {
  const value = text === null ? undefined : parseJsonLine(text)
  if (!isRecord(value)) return undefined
  const { type, head } = value
  if (type === 'answer') return isWhole(head, STORED) ? { type, head } : undefined
  if (type === 'variants') return isWhole(head, VARIANTS) ? { type, head } : undefined
  return undefined
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
