import type { JsonAssertion } from '../../schema/json-assertion.ts'
import { MONITOR_LIMITS, type Monitor } from '../../schema/monitor.ts'
import { REPORT_LIMITS } from '../../schema/report-limits.ts'

type Expectation = Monitor['expect']

/** What a probe got. The body is there only when `needsBody` asked for it. */
export interface ProbeAnswer {
  readonly status: number
  /** The beginning of the body as text, and whether there was more of it than is read. */
  readonly body: { readonly text: string; readonly isCut: boolean } | undefined
}

/** Whether the body has to be read to judge an answer. */
export function needsBody({ body, json }: Expectation): boolean {
  return body !== undefined || json !== undefined
}

/** What is wrong with an answer, in words and numbers; empty when it is as expected. */
export function judge(expected: Expectation, answer: ProbeAnswer): string {
  if (!isStatus(expected.status, answer.status)) {
    const meaning = PLATFORM_STATUS[answer.status]
    const named = meaning === undefined ? '' : ` (${meaning})`
    return `status ${answer.status}${named}, expected ${toWords(expected.status)}`
  }
  if (answer.body === undefined) return ''
  const { text } = answer.body
  if (expected.body !== undefined && !text.includes(expected.body)) {
    return shorten(`the body does not contain ${JSON.stringify(expected.body)}`)
  }
  return expected.json === undefined ? '' : shorten(judgeJson(expected.json, answer.body))
}

/** What the platform itself answers for an origin that did not (Cloudflare 5xx errors). */
const PLATFORM_STATUS: Readonly<Record<number, string>> = {
  520: 'its answer could not be read',
  521: 'connection refused',
  522: 'no connection in time',
  523: 'no way to its network',
  524: 'connected, and no answer in time',
  525: 'TLS handshake failed',
  526: 'its certificate is not valid',
  530: 'its name does not resolve, or its address is not allowed',
}

/** Whether a status comes from the platform because nothing at all came from the origin's network. */
export function isSilence(status: number): boolean {
  return status === 522 || status === 523 || status === 530
}

function isStatus(expected: Expectation['status'], status: number): boolean {
  return typeof expected === 'string'
    ? Math.floor(status / 100) === Number(expected[0])
    : expected.includes(status)
}

function toWords(expected: Expectation['status']): string {
  return typeof expected === 'string' ? expected : expected.join(', ')
}

function judgeJson(
  assertions: readonly JsonAssertion[],
  { text, isCut }: NonNullable<ProbeAnswer['body']>,
): string {
  if (isCut) return `the body is longer than ${MONITOR_LIMITS.bodyBytes} bytes: not read as JSON`
  const parsed = parseJson(text)
  if (!parsed.ok) return 'the body is not JSON'
  for (const assertion of assertions) {
    const broken = findBroken(assertion, parsed.value)
    if (broken !== undefined) return broken
  }
  return ''
}

function parseJson(text: string): { readonly ok: boolean; readonly value?: unknown } {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    // A SyntaxError: the answer is what it is, and the caller says so.
    return { ok: false }
  }
}

/** A place in a document, and what stands there. */
interface Place {
  readonly path: string
  readonly value: unknown
}

/**
 * The first place where an assertion does not hold, in words; undefined when it holds everywhere. What is not
 * there breaks it: a health endpoint that stopped to tell is not well. Of an empty list every entry holds.
 */
function findBroken({ segments, operator, value }: JsonAssertion, root: unknown) {
  let places: readonly Place[] = [{ path: '', value: root }]
  for (const segment of segments) {
    const next: Place[] = []
    for (const place of places) {
      const below = descend(place, segment)
      if (typeof below === 'string') return below
      next.push(...below)
    }
    places = next
  }
  const broken = places.find((place) => !COMPARE[operator](place.value, value))
  if (broken === undefined) return undefined
  const where = broken.path === '' ? 'the body' : broken.path
  return `${where} is ${toText(broken.value)}, expected ${operator} ${JSON.stringify(value)}`
}

/** One segment further down, or why not. "*" stands for every entry of an array or object. */
function descend({ path, value }: Place, segment: string): readonly Place[] | string {
  const below = `${path}/${toSegment(segment)}`
  if (typeof value !== 'object' || value === null) return `nothing at ${below}`
  if (segment === '*') {
    const entries: readonly (readonly [string, unknown])[] = Object.entries(value)
    return entries.map(([key, entry]) => ({ path: `${path}/${toSegment(key)}`, value: entry }))
  }
  // Of an array only its entries: RFC 6901 §4 knows no "length" and no "01".
  const isEntry = !Array.isArray(value) || /^(0|[1-9]\d*)$/.test(segment)
  if (!isEntry || !Object.hasOwn(value, segment)) return `nothing at ${below}`
  return [{ path: below, value: Reflect.get(value, segment) }]
}

/** As it is written in a pointer (RFC 6901 §3). */
function toSegment(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

type Compare = (actual: unknown, wanted: JsonAssertion['value']) => boolean

const COMPARE: Readonly<Record<JsonAssertion['operator'], Compare>> = {
  '==': (actual, wanted) => actual === wanted,
  '!=': (actual, wanted) => actual !== wanted,
  '<': ofNumbers((actual, wanted) => actual < wanted),
  '<=': ofNumbers((actual, wanted) => actual <= wanted),
  '>=': ofNumbers((actual, wanted) => actual >= wanted),
  '>': ofNumbers((actual, wanted) => actual > wanted),
}

/** A text is not smaller than a number, whatever JavaScript says. */
function ofNumbers(compare: (actual: number, wanted: number) => boolean): Compare {
  return (actual, wanted) =>
    typeof actual === 'number' && typeof wanted === 'number' && compare(actual, wanted)
}

function toText(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}

function shorten(text: string): string {
  return text.length > REPORT_LIMITS.detail ? `${text.slice(0, REPORT_LIMITS.detail - 1)}…` : text
}
