import type { HeaderLines } from '../client.ts'
import { answerOf, byMethod, type Case, once, type Shape, twice } from './case.ts'

const FRESH = 'not 200 a20'
const AGAIN = 'plainly 200 b20'
const CHECKED = 'conditionally 200 a20'
const TAG: HeaderLines = [['ETag', '"one"']]
const MODIFIED: HeaderLines = [['Last-Modified', '{now-86400}']]
const EXPIRED: Shape = { says: 'max-age=1', headers: TAG, later: 'same' }

const stored: readonly Case[] = [
  twice('RFC 9111 §4.2.1', FRESH, { says: 'max-age=60' }),
  twice('RFC 9111 §4.2.1', FRESH, { says: 's-maxage=60' }),
  twice('RFC 9111 §4.2.1', FRESH, { headers: [['Expires', '{now+60}']] }),
  twice('RFC 9111 §4.2.2', AGAIN, { headers: MODIFIED, later: 'changed', note: 'no lifetime' }),
  twice('RFC 9111 §4.2.2', AGAIN, { says: 'public' }),
  twice('RFC 9111 §4.2.2', CHECKED, { says: 'public', headers: MODIFIED, later: 'same' }),
  twice('RFC 9111 §4.2.2', 'plainly 308 b20', { says: 'proxy-revalidate', status: 308 }),
  twice('RFC 9111 §5.2.2.5', AGAIN, { says: 'max-age=60, no-store' }),
  twice('RFC 9111 §5.2.2.7', AGAIN, { says: 'max-age=60, private' }),
  twice('RFC 9111 §5.2.2.7', FRESH, { says: 'max-age=60, private="x-a"' }),
  twice('RFC 9111 §5.2.2.4', CHECKED, {
    says: 'max-age=60, no-cache',
    headers: TAG,
    later: 'same',
  }),
  twice('RFC 9111 §5.2.2.4', FRESH, { says: 'max-age=60, no-cache="x-a"' }),
  twice('RFC 9111 §5.2.2.3', FRESH, { says: 'max-age=60, must-understand, no-store' }),
  twice('RFC 9111 §5.2.2.3', 'plainly 299 b20', {
    says: 'max-age=60, must-understand',
    status: 299,
  }),
  twice('RFC 9111 §5.2.3', FRESH, { says: 'max-age=60, community="UCI", immutable' }),
  twice('RFC 9111 §5.4', FRESH, { says: 'max-age=60', headers: [['Pragma', 'no-cache']] }),
  twice('RFC 9213 §2.2', FRESH, {
    says: 'no-store',
    headers: [['CDN-Cache-Control', 'max-age=60']],
  }),
  twice('RFC 9213 §2.2', AGAIN, {
    says: 'max-age=60',
    headers: [['CDN-Cache-Control', 'no-store']],
  }),
  twice('RFC 9213 §2.1', FRESH, {
    says: 'max-age=60',
    headers: [['CDN-Cache-Control', 'no-store,,']],
  }),
  twice('RFC 9111 §7.3', AGAIN, { says: 'max-age=60', headers: [['Set-Cookie', 'a=b']] }),
]

const statuses: readonly Case[] = [203, 204, 300, 301, 302, 307, 308, 404, 410, 299].map((status) =>
  twice('RFC 9111 §3', `not ${status} ${status === 204 ? '-' : 'a20'}`, {
    says: 'max-age=60',
    status,
  }),
)

const authorized: HeaderLines = [['Authorization', 'Basic YTpi']]
const cookie: HeaderLines = [['Cookie', 'who=a']]
const personal: readonly Case[] = [
  twice('RFC 9111 §3.5', AGAIN, { says: 'max-age=60', sends: authorized, note: 'Authorization' }),
  ...['public', 's-maxage=60', 'must-revalidate'].map((directive) =>
    twice('RFC 9111 §3.5', FRESH, {
      says: `max-age=60, ${directive}`,
      sends: authorized,
      note: 'Authorization',
    }),
  ),
  twice('RFC 9111 §3.5', FRESH, {
    says: 'max-age=60',
    sendsLater: authorized,
    note: 'Authorization',
  }),
  twice('RFC 9111 §7.3', AGAIN, { says: 'max-age=60', sends: cookie, note: 'Cookie' }),
  twice('RFC 9111 §7.3', FRESH, { says: 'max-age=60, public', sends: cookie, note: 'Cookie' }),
]

const ages: readonly Case[] = [
  twice('RFC 9111 §4.2.3', FRESH, { says: 'max-age=60', headers: [['Age', '10']] }),
  twice('RFC 9111 §4.2.3', FRESH, { says: 'max-age=60', headers: [['Date', '{now-30}']] }),
  twice('RFC 9111 §4.2.3', AGAIN, { says: 'max-age=60', headers: [['Age', '60']] }),
  twice('RFC 9111 §4.2.3', AGAIN, { says: 'max-age=60', headers: [['Date', '{now-90}']] }),
  twice('RFC 9111 §4.2.3', FRESH, { says: 'max-age=60', headers: [['Date', '{now+90}']] }),
  twice('RFC 9111 §4.2.3', FRESH, { says: 'max-age=60', headers: [['Date', '']] }),
  twice('RFC 9111 §5.1', FRESH, { says: 'max-age=60', headers: [['Age', 'abc']] }),
  twice('RFC 9111 §5.1', FRESH, {
    says: 'max-age=60',
    headers: [
      ['Age', '5'],
      ['Age', '90'],
    ],
  }),
  twice('RFC 9111 §5.3', AGAIN, { headers: [['Expires', '0']] }),
  twice('RFC 9111 §5.3', AGAIN, { headers: [['Expires', 'Thu, 99 Nov 2050 00:00:00 GMT']] }),
  twice('RFC 9111 §4.2.1', AGAIN, {
    headers: [
      ['Expires', '{now+60}'],
      ['Date', '{now+60}'],
    ],
  }),
  twice('RFC 9111 §5.3', FRESH, { says: 'max-age=60', headers: [['Expires', '{now-60}']] }),
  twice('RFC 9111 §5.2.2.10', AGAIN, { says: 'max-age=60, s-maxage=1' }),
  twice('RFC 9111 §5.2.2.10', FRESH, { says: 'max-age=1, s-maxage=60' }),
  twice('RFC 9111 §5.2', FRESH, { says: 'max-age="60"' }),
  twice('RFC 9111 §5.2', FRESH, { says: 'MAX-AGE=60' }),
  twice('RFC 9111 §4.2.1', AGAIN, { says: 'max-age=abc' }),
  twice('RFC 9111 §4.2.1', AGAIN, { says: 'max-age=-60' }),
  twice('RFC 9111 §1.2.2', FRESH, { says: 'max-age=99999999999' }),
]

const validated: readonly Case[] = [
  twice('RFC 9111 §4.3.1', CHECKED, EXPIRED),
  twice('RFC 9111 §4.3.1', CHECKED, { ...EXPIRED, headers: MODIFIED }),
  twice('RFC 9111 §4.3.3', 'conditionally 200 b20', { ...EXPIRED, later: 'changed' }),
  twice('RFC 9111 §4.3', AGAIN, { says: 'max-age=1' }),
  twice('RFC 9111 §4.3.3', 'conditionally 503 b20', { ...EXPIRED, later: 'fails' }),
  twice('RFC 5861 §4', 'conditionally 200 a20', {
    ...EXPIRED,
    says: 'max-age=1, stale-if-error=60',
    later: 'fails',
  }),
  // Against §4.2.4, and as origins mean it: see docs/conformance-caching.md.
  twice('RFC 9111 §5.2.2.10', 'conditionally 200 a20', {
    ...EXPIRED,
    says: 's-maxage=1, stale-if-error=60',
    later: 'fails',
  }),
  twice('RFC 9111 §4.2.4', 'conditionally 503 b20', {
    ...EXPIRED,
    says: 's-maxage=1',
    later: 'fails',
  }),
  twice('RFC 9111 §5.2.2.2', 'conditionally 503 b20', {
    ...EXPIRED,
    says: 'max-age=1, must-revalidate, stale-if-error=60',
    later: 'fails',
  }),
  twice('RFC 5861 §4', 'plainly 503 a20', {
    says: 'max-age=1, stale-if-error=60',
    status: 503,
    later: 'same',
  }),
  twice('RFC 5861 §3', 'behind 200 a20', {
    ...EXPIRED,
    says: 'max-age=1, stale-while-revalidate=60',
    isSlow: true,
  }),
  twice('RFC 9111 §5.2.2.8', CHECKED, {
    ...EXPIRED,
    says: 'max-age=1, proxy-revalidate, stale-while-revalidate=60',
    isSlow: true,
  }),
]

const language = (value: string): HeaderLines => [['Accept-Language', value]]
const VARIED: Shape = {
  says: 'max-age=60',
  headers: [['Vary', 'Accept-Language']],
  sends: language('en, de'),
}
const varied: readonly Case[] = [
  twice('RFC 9111 §4.1', FRESH, { ...VARIED, note: 'the same' }),
  twice('RFC 9111 §4.1', FRESH, {
    ...VARIED,
    sendsLater: language('en,de'),
    note: 'other white space',
  }),
  twice('RFC 9111 §4.1', AGAIN, { ...VARIED, sendsLater: language('de, en'), note: 'other order' }),
  twice('RFC 9111 §4.1', AGAIN, { ...VARIED, sendsLater: [], note: 'absent' }),
  twice('RFC 9111 §4.1', AGAIN, { says: 'max-age=60', headers: [['Vary', '*']] }),
]

const WITH_BOTH: Shape = { says: 'max-age=60', headers: [...TAG, ...MODIFIED], sends: [] }
const asks = (section: string, expected: string, sendsLater: HeaderLines) =>
  twice(section, expected, { ...WITH_BOTH, sendsLater, note: sendsLater.flat().join(' ') })
const conditions: readonly Case[] = [
  asks('RFC 9110 §13.1.2', 'not 304 -', [['If-None-Match', '"one"']]),
  asks('RFC 9110 §13.1.2', 'not 304 -', [['If-None-Match', 'W/"one"']]),
  asks('RFC 9110 §13.1.2', 'not 304 -', [['If-None-Match', '"x", "one"']]),
  asks('RFC 9110 §13.1.2', 'not 304 -', [['If-None-Match', '*']]),
  asks('RFC 9110 §13.1.2', FRESH, [['If-None-Match', '"two"']]),
  asks('RFC 9110 §13.1.3', 'not 304 -', [['If-Modified-Since', '{now-3600}']]),
  asks('RFC 9110 §13.1.3', FRESH, [['If-Modified-Since', '{now-172800}']]),
  asks('RFC 9110 §13.1.3', FRESH, [['If-Modified-Since', 'yesterday']]),
  asks('RFC 9110 §13.1.3', FRESH, [
    ['If-None-Match', '"two"'],
    ['If-Modified-Since', '{now-3600}'],
  ]),
  twice('RFC 9110 §13.1.2', 'not 304 -', {
    says: 'max-age=60',
    sends: [],
    sendsLater: [['If-None-Match', '*']],
    note: 'no tag; If-None-Match *',
  }),
  twice('RFC 9110 §13.2.1', 'not 404 a20', {
    ...WITH_BOTH,
    status: 404,
    sendsLater: [['If-Modified-Since', '{now-3600}']],
    note: 'If-Modified-Since',
  }),
  asks('RFC 9110 §14.2', 'not 206 a4', [['Range', 'bytes=0-3']]),
  asks('RFC 9110 §14.2', 'not 206 a4', [['Range', 'bytes=-4']]),
  asks('RFC 9110 §14.2', FRESH, [['Range', 'bytes=3-0']]),
  asks('RFC 9110 §14.2', FRESH, [['Range', 'lines=0-3']]),
  asks('RFC 9110 §15.5.17', 'not 416 -', [['Range', 'bytes=90-']]),
  asks('RFC 9110 §13.1.5', 'not 206 a4', [
    ['Range', 'bytes=0-3'],
    ['If-Range', '"one"'],
  ]),
  asks('RFC 9110 §13.1.5', FRESH, [
    ['Range', 'bytes=0-3'],
    ['If-Range', '"two"'],
  ]),
  asks('RFC 9110 §13.1.5', FRESH, [
    ['Range', 'bytes=0-3'],
    ['If-Range', 'W/"one"'],
  ]),
]

const unknown: readonly Case[] = [
  twice('RFC 9111 §4.3.2', 'plainly 304 -', {
    says: 'max-age=60',
    headers: [...TAG, ['Vary', 'Accept-Language']],
    sends: language('de'),
    sendsLater: [...language('en'), ['If-None-Match', '"one"']],
    later: 'same',
    note: 'another variant; If-None-Match "one"',
  }),
  twice('RFC 9111 §4.3.2', 'plainly 200 a20', {
    says: 'no-store',
    headers: TAG,
    sends: [],
    sendsLater: [['If-None-Match', '"one"']],
    later: 'same',
    note: 'If-None-Match "one"',
  }),
]

const asksControl = (section: string, expected: string, wants: string) =>
  asks(section, expected, [['Cache-Control', wants]])
const wishes: readonly Case[] = [
  asksControl('RFC 9111 §5.2.1.4', FRESH, 'no-cache'),
  asksControl('RFC 9111 §5.2.1.1', FRESH, 'max-age=0'),
  asksControl('RFC 9111 §5.2.1.7', FRESH, 'only-if-cached'),
  twice('RFC 9111 §5.2.1.2', 'behind 200 a20', {
    ...EXPIRED,
    isSlow: true,
    sendsLater: [['Cache-Control', 'max-stale=60']],
    note: 'max-stale=60',
  }),
  twice('RFC 9111 §5.2.2.2', CHECKED, {
    ...EXPIRED,
    says: 'max-age=1, must-revalidate',
    sendsLater: [['Cache-Control', 'max-stale=60']],
    note: 'max-stale=60',
  }),
  twice('RFC 9111 §5.2.1.5', AGAIN, {
    says: 'max-age=60',
    sends: [['Cache-Control', 'no-store']],
    sendsLater: [],
    note: 'no-store before',
  }),
  twice('RFC 9111 §5.2.1.7', 'not 504 -', {
    ...EXPIRED,
    sendsLater: [['Cache-Control', 'only-if-cached']],
    note: 'only-if-cached',
  }),
  twice('RFC 9111 §5.2.2.10', CHECKED, {
    ...EXPIRED,
    says: 's-maxage=1',
    sendsLater: [['Cache-Control', 'max-stale=60']],
    note: 'max-stale=60',
  }),
  once('RFC 9111 §5.2.1.7', 'not 504 -', [['Cache-Control', 'only-if-cached']]),
]

const methods: readonly Case[] = [
  byMethod('RFC 9111 §4', 'not 200 -', ['GET', 'HEAD']),
  byMethod('RFC 9111 §4', 'plainly 200 b20', ['GET', 'POST']),
  byMethod('RFC 9111 §4', 'plainly 200 b20', ['POST', 'GET']),
  ...['POST', 'PUT', 'DELETE', 'PATCH', 'LOCK'].map((method) =>
    byMethod('RFC 9111 §4.4', 'plainly 200 b20', ['GET', method, 'GET']),
  ),
  byMethod('RFC 9111 §4.4', FRESH, ['GET', 'OPTIONS', 'GET']),
  {
    section: 'RFC 9111 §4.4',
    expected: FRESH,
    title: 'GET, POST that fails, GET',
    steps: [
      { method: 'GET', sends: [], answer: answerOf({ says: 'max-age=60' }) },
      { method: 'POST', sends: [], answer: answerOf({ says: '', status: 404 }) },
      { method: 'GET', sends: [], answer: answerOf({ says: 'max-age=60', content: 'b' }) },
    ],
  },
  twice('RFC 9111 §3.3', FRESH, {
    ...WITH_BOTH,
    sends: [['Range', 'bytes=0-3']],
    sendsLater: [],
    note: 'the whole after a part',
  }),
]

/** What a cache by the standards does with each, by its last step. */
export const fixedCases: readonly Case[] = [
  ...stored,
  ...statuses,
  ...personal,
  ...ages,
  ...validated,
  ...varied,
  ...conditions,
  ...unknown,
  ...wishes,
  ...methods,
]
