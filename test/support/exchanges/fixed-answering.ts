import type { HeaderLines } from '../client.ts'
import {
  AGAIN,
  answerOf,
  byMethod,
  type Case,
  CHECKED,
  FRESH,
  MODIFIED,
  once,
  type Shape,
  TAG,
  twice,
} from './case.ts'

const EXPIRED: Shape = { says: 'max-age=1', headers: TAG, later: 'same' }

const validated: readonly Case[] = [
  twice('RFC 9111 §4.3.1', CHECKED, EXPIRED),
  twice('RFC 9111 §4.3.1', CHECKED, { ...EXPIRED, headers: MODIFIED }),
  twice('RFC 9111 §4.3.3', 'conditionally 200 b20', { ...EXPIRED, later: 'changed' }),
  twice('RFC 9111 §4.3.2', CHECKED, {
    ...EXPIRED,
    sendsLater: [['If-None-Match', '"two"']],
    note: 'If-None-Match "two"',
  }),
  twice('RFC 9111 §4.3', AGAIN, { says: 'max-age=1' }),
  twice('RFC 9111 §4.3.3', 'conditionally 503 b20', { ...EXPIRED, later: 'fails' }),
  twice('RFC 5861 §4', CHECKED, {
    ...EXPIRED,
    says: 'max-age=1, stale-if-error=60',
    later: 'fails',
  }),
  // Against §4.2.4, and as origins mean it: see docs/conformance-caching.md.
  twice('RFC 9111 §5.2.2.10', CHECKED, {
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
  twice('RFC 9111 §4.3.2', 'conditionally 304 -', {
    says: 'no-store',
    headers: TAG,
    sends: [],
    sendsLater: [['If-None-Match', '"one"']],
    later: 'same',
    note: 'If-None-Match "one"',
  }),
  twice('RFC 9111 §4.3.2', 'conditionally 304 -', {
    says: 'no-store',
    headers: TAG,
    method: 'HEAD',
    sends: [],
    sendsLater: [['If-None-Match', '"one"']],
    later: 'same',
    note: 'HEAD; If-None-Match "one"',
  }),
  twice('RFC 9110 §14.2', 'plainly 206 a4', {
    says: 'no-store',
    sends: [],
    sendsLater: [['Range', 'bytes=0-3']],
    later: 'same',
    note: 'Range bytes=0-3',
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
  twice('RFC 9110 §14.2', 'not 200 -', {
    ...WITH_BOTH,
    method: 'HEAD',
    sendsLater: [['Range', 'bytes=0-3']],
    note: 'HEAD; Range bytes=0-3',
  }),
  byMethod('RFC 9111 §4', AGAIN, ['GET', 'POST']),
  byMethod('RFC 9111 §4', AGAIN, ['POST', 'GET']),
  ...['POST', 'PUT', 'DELETE', 'PATCH', 'LOCK'].map((method) =>
    byMethod('RFC 9111 §4.4', AGAIN, ['GET', method, 'GET']),
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

/** What is made of what is stored. */
export const answeringCases: readonly Case[] = [
  ...validated,
  ...varied,
  ...conditions,
  ...unknown,
  ...wishes,
  ...methods,
]
