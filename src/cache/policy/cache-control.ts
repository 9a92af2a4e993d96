/** One directive as it came: its name in lower case, its argument without quotes. */
export type Directive = readonly [name: string, argument: string | undefined]

/** No time and no age is more than 2^31 seconds (RFC 9111 §1.2.2, §5.1). */
export const MOST_SECONDS = 2_147_483_648

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/

/** What a cache is told by an answer. Times are ms; a time that cannot be read is 0: stale (RFC 9111 §4.2.1). */
export interface ResponseDirectives {
  readonly noStore: boolean
  readonly isPublic: boolean
  /** Without a list of fields. */
  readonly noCache: boolean
  readonly isPrivate: boolean
  /** Fields that `no-cache` or `private` names: the answer may be stored without them. */
  readonly withheld: readonly string[]
  readonly mustRevalidate: boolean
  readonly proxyRevalidate: boolean
  readonly mustUnderstand: boolean
  readonly maxAgeMs: number | undefined
  readonly sMaxageMs: number | undefined
  readonly staleWhileRevalidateMs: number | undefined
  readonly staleIfErrorMs: number | undefined
}

/** What a client asks of a cache (RFC 9111 §5.2.1, RFC 5861 §4). */
export interface RequestDirectives {
  readonly noStore: boolean
  readonly noCache: boolean
  readonly onlyIfCached: boolean
  readonly maxAgeMs: number | undefined
  readonly minFreshMs: number | undefined
  /** `Infinity`: however stale. */
  readonly maxStaleMs: number | undefined
  readonly staleIfErrorMs: number | undefined
}

/** Reads the lines of `Cache-Control`. Never throws; of directives that come twice the stricter one holds. */
export function parseDirectives(lines: readonly string[]): readonly Directive[] {
  const directives: Directive[] = []
  for (const line of lines) {
    for (const member of splitList(line)) readMember(member, directives)
  }
  return directives
}

/** What directives of an answer say together. */
export function toResponseDirectives(directives: readonly Directive[]): ResponseDirectives {
  const names = new Set(directives.map(([name]) => name))
  const has = (name: string) => names.has(name)
  const bare = (name: string) =>
    directives.some(([each, argument]) => each === name && namesOf(argument).length === 0)
  const least = (name: string) => (names.has(name) ? leastOf(directives, name) : undefined)
  const named = directives.filter(([name]) => name === 'no-cache' || name === 'private')
  return {
    noStore: has('no-store'),
    isPublic: has('public'),
    noCache: bare('no-cache'),
    isPrivate: bare('private'),
    withheld: named.flatMap(([, argument]) => namesOf(argument)),
    mustRevalidate: has('must-revalidate'),
    proxyRevalidate: has('proxy-revalidate'),
    mustUnderstand: has('must-understand'),
    maxAgeMs: least('max-age'),
    sMaxageMs: least('s-maxage'),
    staleWhileRevalidateMs: least('stale-while-revalidate'),
    staleIfErrorMs: least('stale-if-error'),
  }
}

/** What `Cache-Control` of a request says. */
export function parseRequestDirectives(value: string): RequestDirectives {
  const directives = parseDirectives([value])
  const has = (name: string) => directives.some(([each]) => each === name)
  const anyStale = directives.some(
    ([name, argument]) => name === 'max-stale' && argument === undefined,
  )
  const minFresh = directives.filter(([name]) => name === 'min-fresh').map(toMs)
  return {
    noStore: has('no-store'),
    noCache: has('no-cache'),
    onlyIfCached: has('only-if-cached'),
    maxAgeMs: leastOf(directives, 'max-age'),
    minFreshMs: minFresh.length === 0 ? undefined : Math.max(...minFresh),
    maxStaleMs:
      leastOf(
        directives.filter(([, argument]) => argument !== undefined),
        'max-stale',
      ) ?? (anyStale ? Number.POSITIVE_INFINITY : undefined),
    staleIfErrorMs: leastOf(directives, 'stale-if-error'),
  }
}

function leastOf(directives: readonly Directive[], name: string): number | undefined {
  const all = directives.filter(([each]) => each === name).map(toMs)
  return all.length === 0 ? undefined : Math.min(...all)
}

function toMs([, argument]: Directive): number {
  return deltaMsOf(argument)
}

/** Whole seconds as they are written (RFC 9111 §1.2.2) in ms; 0 for what is none. */
export function deltaMsOf(text: string | undefined): number {
  if (text === undefined || !/^\d+$/.test(text)) return 0
  return Math.min(Number(text), MOST_SECONDS) * 1000
}

/** The fields of a list; none where it is no list of names, so that the directive is about the whole answer. */
function namesOf(argument: string | undefined): readonly string[] {
  const names = (argument ?? '').split(',').map((name) => name.trim().toLowerCase())
  return names.every((name) => TOKEN.exec(name)?.[0] === name) ? names : []
}

/**
 * At commas outside of quotes. A quote that nothing closes is no quote: what follows it is not swallowed. Linear in its
 * length: behind one that nothing closes, nothing closes any other.
 */
function splitList(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(',')
  const members: string[] = []
  let from = 0
  let hasQuotes = true
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at)
    if (char === ',') {
      members.push(line.slice(from, at))
      from = at + 1
    } else if (char === '"' && hasQuotes) {
      const end = closingQuote(line, at)
      hasQuotes = end !== undefined
      at = end ?? at
    }
  }
  return [...members, line.slice(from)]
}

function closingQuote(line: string, opening: number): number | undefined {
  for (let at = opening + 1; at < line.length; at += 1) {
    const char = line.charAt(at)
    if (char === '"') return at
    if (char === '\\') at += 1
  }
  return undefined
}

/** What holds an answer back also behind a semicolon, which many take for a comma. */
const STRICT = new Set(['no-store', 'private', 'no-cache', 'must-revalidate', 'proxy-revalidate'])

function readMember(member: string, directives: Directive[]): void {
  const directive = parseDirective(member)
  if (directive) directives.push(directive)
  if (!member.includes(';')) return
  for (const part of member.split(';').slice(1)) {
    const misplaced = parseDirective(part)
    if (misplaced && STRICT.has(misplaced[0])) directives.push(misplaced)
  }
}

/** A name ends where no name can go on: what follows it without "=" is no argument, and takes nothing back. */
function parseDirective(text: string): Directive | undefined {
  const trimmed = text.trim()
  const [name] = TOKEN.exec(trimmed) ?? []
  if (name === undefined) return undefined
  const rest = trimmed.slice(name.length).trimStart()
  return [name.toLowerCase(), rest.startsWith('=') ? unquote(rest.slice(1).trim()) : undefined]
}

function unquote(text: string): string {
  const quoted = /^"((?:\\.|[^"\\])*)"$/s.exec(text)
  return quoted?.[1]?.replaceAll(/\\(.)/gs, '$1') ?? text
}
