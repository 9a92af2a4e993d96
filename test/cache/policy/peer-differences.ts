import type { Outcome, Play } from './peer.ts'
import { NOON } from './exchange.ts'

/** A class of exchanges that this policy and http-cache-semantics judge apart, with one of them. */
export interface Difference {
  readonly why: string
  readonly section: string
  readonly here: Outcome
  readonly example: Partial<Play>
  readonly isOf: (play: Play) => boolean
}

const at = (seconds: number) => new Date(NOON + seconds * 1000).toUTCString()
const says = ({ control }: Play, ...directives: readonly string[]) =>
  control.some((directive) => directives.includes(directive))
const asks = ({ asked }: Play, start: string) =>
  asked['cache-control']?.toLowerCase().startsWith(start) === true

function hasLifetime({ control, headers }: Play): boolean {
  const isSaid = control.some((directive) => /^(s-max|max-)age/i.test(directive))
  return isSaid || headers.expires !== undefined || headers['last-modified'] !== undefined
}

/** Where this policy is the stricter one. */
const STRICTER: readonly Difference[] = [
  {
    why: 'names of directives have no case',
    section: 'RFC 9111 §5.2',
    here: 'asked',
    example: { control: ['No-Store', 'max-age=60'] },
    isOf: (play) =>
      says(play, 'No-Store', 'MAX-AGE=60') ||
      asks(play, 'no-cache') ||
      play.fetched['cache-control'] === 'No-Store',
  },
  {
    why: 'a time that is no number is stale',
    section: 'RFC 9111 §4.2.1',
    here: 'asked',
    example: { control: ['max-age=60x'] },
    isOf: (play) => says(play, 'max-age=60x'),
  },
  {
    why: 'of two times the shorter one holds',
    section: 'RFC 9111 §4.2.1',
    here: 'asked',
    example: { control: ['max-age=10', 'max-age=60'], laterMs: 25_000 },
    isOf: (play) =>
      play.control.filter((each) => each.toLowerCase().startsWith('max-age')).length > 1,
  },
  {
    why: 'the time since Date counts where it is the longer one',
    section: 'RFC 9111 §4.2.3',
    here: 'asked',
    example: { control: ['max-age=60'], headers: { date: at(-50) }, laterMs: 25_000 },
    isOf: ({ headers }) => headers.date === at(-50),
  },
  {
    why: 'Expires in another form than those of HTTP is over',
    section: 'RFC 9111 §5.3',
    here: 'asked',
    example: { headers: { expires: '2026-11-15T13:00:00Z' } },
    isOf: ({ headers }) => headers.expires?.includes('T13') === true,
  },
  {
    why: 'no-cache forbids stale-while-revalidate',
    section: 'RFC 9111 §5.2.2.4',
    here: 'asked',
    example: { control: ['no-cache', 'stale-while-revalidate=60'], headers: { etag: '"a"' } },
    isOf: (play) => says(play, 'no-cache'),
  },
  {
    why: 'proxy-revalidate forbids stale use, also to a client that would take it',
    section: 'RFC 9111 §5.2.2.8',
    here: 'asked',
    example: {
      control: ['max-age=10', 'proxy-revalidate', 'stale-while-revalidate=60'],
      laterMs: 25_000,
    },
    isOf: (play) => says(play, 'proxy-revalidate'),
  },
  {
    why: 's-maxage forbids stale use to a client that would take it',
    section: 'RFC 9111 §5.2.2.10',
    here: 'asked',
    example: { control: ['s-maxage=30'], asked: { 'cache-control': 'max-stale' }, laterMs: 45_000 },
    isOf: (play) => says(play, 's-maxage=30') && asks(play, 'max-stale'),
  },
  {
    why: 'a client that names an age without max-stale wants no stale answer',
    section: 'RFC 9111 §5.2.1.1',
    here: 'asked',
    example: {
      control: ['max-age=10', 'stale-while-revalidate=60'],
      asked: { 'cache-control': 'max-age=600' },
      laterMs: 25_000,
    },
    isOf: (play) => asks(play, 'max-age'),
  },
  {
    why: 'Set-Cookie is not stored, public or not',
    section: 'RFC 9111 §7.3',
    here: 'asked',
    example: { control: ['public', 'max-age=60'], headers: { 'set-cookie': 'a=1' } },
    isOf: ({ headers }) => headers['set-cookie'] !== undefined,
  },
  {
    why: 'a request with cookies is treated as one with Authorization',
    section: 'RFC 9111 §3.5',
    here: 'asked',
    example: { control: ['max-age=60'], fetched: { cookie: 'a=1' } },
    isOf: ({ fetched }) => fetched.cookie !== undefined,
  },
  {
    why: 'what nobody gave a lifetime is not stored, so that no window and no client gets it',
    section: 'RFC 9111 §3',
    here: 'asked',
    example: { headers: { etag: '"a"' }, asked: { 'cache-control': 'max-stale' } },
    isOf: (play) => !hasLifetime(play),
  },
]

/** Where http-cache-semantics asks the origin though it need not. */
const LOOSER: readonly Difference[] = [
  {
    why: 'must-revalidate says nothing of what is fresh',
    section: 'RFC 9111 §5.2.2.2',
    here: 'used',
    example: { control: ['max-age=60', 'must-revalidate'] },
    isOf: (play) => says(play, 'must-revalidate'),
  },
  {
    why: 'proxy-revalidate says nothing of what is fresh',
    section: 'RFC 9111 §5.2.2.8',
    here: 'used',
    example: { control: ['max-age=60', 'proxy-revalidate'] },
    isOf: (play) => says(play, 'proxy-revalidate'),
  },
  {
    why: 'private and no-cache with fields are about these fields',
    section: 'RFC 9111 §5.2.2.4, §5.2.2.7',
    here: 'used',
    example: { control: ['max-age=60', 'private="x-a"'] },
    isOf: (play) => says(play, 'private="x-a"', 'no-cache="x-a"'),
  },
  {
    why: 'must-understand stands above no-store',
    section: 'RFC 9111 §5.2.2.3',
    here: 'used',
    example: { control: ['max-age=60', 'no-store', 'must-understand'] },
    isOf: (play) => says(play, 'must-understand') && says(play, 'no-store'),
  },
  {
    why: 'a comma within quotes parts no directives',
    section: 'RFC 9111 §5.2',
    here: 'used',
    example: { control: ['max-age=60', 'x="a,no-store,b"'] },
    isOf: (play) => says(play, 'x="a,no-store,b"'),
  },
  {
    why: 'names of directives have no case',
    section: 'RFC 9111 §5.2',
    here: 'used',
    example: { control: ['MAX-AGE=60'] },
    isOf: (play) => says(play, 'MAX-AGE=60'),
  },
  {
    why: 'a status need not be understood where the answer gives itself a lifetime',
    section: 'RFC 9111 §3',
    here: 'used',
    example: { status: 500, control: ['max-age=60'] },
    isOf: ({ status }) => [500, 503, 599].includes(status),
  },
  {
    why: 'Pragma says nothing in an answer',
    section: 'RFC 9111 §5.4',
    here: 'used',
    example: { headers: { pragma: 'no-cache', expires: at(60) } },
    isOf: ({ headers }) => headers.pragma !== undefined,
  },
  {
    why: 'Pragma of a request says nothing beside Cache-Control',
    section: 'RFC 9111 §5.4',
    here: 'used',
    example: {
      control: ['max-age=60'],
      asked: { pragma: 'no-cache', 'cache-control': 'max-age=600' },
    },
    isOf: ({ asked }) => asked.pragma !== undefined && asked['cache-control'] !== undefined,
  },
  {
    why: 'white space around commas parts no variants',
    section: 'RFC 9111 §4.1',
    here: 'used',
    example: {
      control: ['max-age=60'],
      headers: { vary: 'accept' },
      fetched: { accept: 'a,b' },
      asked: { accept: 'a, b' },
    },
    isOf: ({ headers, asked }) => headers.vary === 'accept' && asked.accept === 'a, b',
  },
  {
    why: 'a client takes what is as stale as its max-stale says',
    section: 'RFC 9111 §5.2.1.2',
    here: 'used',
    example: {
      control: ['max-age=25'],
      asked: { 'cache-control': 'max-stale=20' },
      laterMs: 45_000,
    },
    isOf: (play) => asks(play, 'max-stale=20'),
  },
]

/** Every way in which the two differ. */
export const DIFFERENCES: readonly Difference[] = [...STRICTER, ...LOOSER]
