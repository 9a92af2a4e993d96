import type { HeaderLines } from '../client.ts'
import { AGAIN, type Case, CHECKED, FRESH, MODIFIED, TAG, twice } from './case.ts'

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

const failures: readonly Case[] = [
  twice('RFC 9111 §3', 'plainly 500 b20', { says: 'max-age=60', status: 500 }),
]

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

/** Whether something is stored, and fresh. */
export const storingCases: readonly Case[] = [
  ...stored,
  ...statuses,
  ...failures,
  ...personal,
  ...ages,
]
