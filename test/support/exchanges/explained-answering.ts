import type { Explanation } from './explanation.ts'

const NGINX = ['nginx'] as const
const VARNISH = ['varnish'] as const
const ATS = ['trafficserver'] as const
const ALL = ['nginx', 'varnish', 'trafficserver'] as const

/** Where others make something else of what they have stored. */
export const answering: readonly Explanation[] = [
  {
    caches: ['nginx', 'varnish'],
    section: 'RFC 9111 §5.2.1.7',
    right: 'both',
    they: 'do not know `only-if-cached`',
    fits: ({ sent }) => sent('cache-control') === 'only-if-cached',
  },
  {
    caches: ['nginx', 'varnish'],
    section: 'RFC 9111 §5.2.1.2',
    right: 'both',
    they: 'do not know `max-stale`',
    fits: ({ sent, theyAsk }) => (sent('cache-control') ?? '').startsWith('max-stale') && theyAsk,
  },
  {
    caches: ['nginx', 'varnish'],
    section: 'RFC 9111 §4.2.4',
    right: 'ours',
    they: 'use `stale-while-revalidate` beside `must-revalidate` or `proxy-revalidate`',
    fits: ({ says }, { theirs }) =>
      /(must|proxy)-revalidate/.test(says) && theirs.asked === 'behind',
  },
  {
    caches: ALL,
    section: 'RFC 5861 §4',
    right: 'both',
    they: 'pass a 503 on in spite of `stale-if-error`',
    fits: ({ says }, { theirs }) => says.includes('stale-if-error') && theirs.status === 503,
  },
  {
    caches: ATS,
    section: 'RFC 5861 §3',
    right: 'both',
    they: 'does not know `stale-while-revalidate` without a plugin',
    fits: ({ says }, { ours }) =>
      says.includes('stale-while-revalidate') && ours.asked === 'behind',
  },
  {
    caches: ALL,
    section: 'RFC 9111 §4.4',
    right: 'ours',
    they: 'keep what is stored when an unsafe method goes by (Traffic Server: but for POST, PUT and DELETE)',
    fits: ({ weAsk, theyReuse }, { exchange, at }) =>
      exchange.steps[at - 1]?.method !== 'GET' && at === 2 && weAsk && theyReuse,
  },
  {
    caches: NGINX,
    section: 'RFC 9110 §13.1.3',
    right: 'ours',
    they: 'takes `If-Modified-Since` for met only where it is `Last-Modified` itself',
    fits: ({ sent }, { ours }) => sent('if-modified-since') !== undefined && ours.status === 304,
  },
  {
    caches: VARNISH,
    section: 'RFC 9111 §4.1',
    right: 'both',
    they: 'tells variants apart by white space',
    fits: ({ answered, theyAsk }) => answered('vary') !== undefined && theyAsk,
  },
  {
    caches: VARNISH,
    section: 'RFC 9110 §13.1.2',
    right: 'ours',
    they: 'knows no lists in `If-None-Match`, and no "*"',
    fits: ({ sent }, { ours }) => sent('if-none-match') !== undefined && ours.status === 304,
  },
  {
    caches: ['nginx', 'varnish'],
    section: 'RFC 9110 §14.2',
    right: 'ours',
    they: 'refuse a `Range` that cannot be read, in place of ignoring it',
    fits: ({ sent }, { theirs }) => sent('range') !== undefined && theirs.status === 416,
  },
  {
    caches: NGINX,
    section: 'RFC 9110 §14.2',
    right: 'both',
    they: 'asks for the whole, and gives it, also where nothing is stored; ours passes the `Range` on',
    fits: ({ sent }, { ours, theirs }) =>
      sent('range') !== undefined && ours.status === 206 && theirs.asked === 'plainly',
  },
  {
    caches: ['nginx', 'varnish'],
    section: 'RFC 9110 §14.2',
    right: 'ours',
    they: 'answer HEAD with a part',
    fits: ({ sent }, { exchange, at, theirs }) =>
      exchange.steps[at]?.method === 'HEAD' && sent('range') !== undefined && theirs.status === 206,
  },
]
