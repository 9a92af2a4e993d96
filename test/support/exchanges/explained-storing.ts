import type { Explanation } from './explanation.ts'

const NGINX = ['nginx'] as const
const VARNISH = ['varnish'] as const
const ATS = ['trafficserver'] as const
const ALL = ['nginx', 'varnish', 'trafficserver'] as const

/** Where others store more or less than ours, or hold something for fresh that ours does not. */
export const storing: readonly Explanation[] = [
  {
    caches: ALL,
    section: 'RFC 9111 §4.3',
    right: 'both',
    they: 'keep nothing that is not fresh when it comes, though it could be validated',
    fits: (_, { ours, theirs }) =>
      (ours.asked === 'conditionally' || ours.asked === 'behind') && theirs.asked === 'plainly',
  },
  {
    caches: ALL,
    section: 'RFC 9111 §5.2.2.4, §5.2.2.7',
    right: 'both',
    they: 'take `no-cache` and `private` with names of fields for those without',
    fits: ({ says, theyAsk }) => /(no-cache|private)="/.test(says) && theyAsk,
  },
  {
    caches: ALL,
    section: 'RFC 9111 §5.2.2.3',
    right: 'both',
    they: 'do not know `must-understand`, so that `no-store` beside it holds, and an unknown status is stored',
    fits: ({ says, status }) =>
      says.includes('must-understand') && (says.includes('no-store') || status === 299),
  },
  {
    caches: ALL,
    section: 'RFC 9213 §2.2',
    right: 'both',
    they: 'do not know `CDN-Cache-Control`',
    fits: ({ answered }) => answered('cdn-cache-control') !== undefined,
  },
  {
    caches: ['nginx', 'varnish'],
    section: 'RFC 9111 §5.2',
    right: 'ours',
    they: 'do not read a lifetime in quotes',
    fits: ({ says, theyAsk }) => says.includes('max-age="') && theyAsk,
  },
  {
    caches: VARNISH,
    section: 'RFC 9111 §3',
    right: 'both',
    they: 'stores a few statuses alone, whatever an answer says',
    fits: ({ status, theyAsk }) => [299, 308, 405, 500, 501, 503].includes(status) && theyAsk,
  },
  {
    caches: ALL,
    section: 'RFC 9111 §5.2.1.5',
    right: 'ours',
    they: 'store the answer to a request that says `no-store`',
    fits: ({ sentFirst, theyReuse }) => sentFirst('cache-control') === 'no-store' && theyReuse,
  },
  {
    caches: ['nginx', 'trafficserver'],
    section: 'RFC 9111 §3.5',
    right: 'ours',
    they: 'store the answer to a request with `Authorization` without being told that it may',
    fits: ({ sentFirst, weAsk, theyStored }) =>
      sentFirst('authorization') !== undefined && weAsk && theyStored,
  },
  {
    caches: ['varnish', 'trafficserver'],
    section: 'RFC 9111 §3.5',
    right: 'both',
    they: 'pass requests with `Authorization`, though a directive allows to store and to use',
    fits: ({ sent, sentFirst, theyAsk }) =>
      (sent('authorization') ?? sentFirst('authorization')) !== undefined && theyAsk,
  },
  {
    caches: VARNISH,
    section: 'RFC 9111 §7.3',
    right: 'both',
    they: 'passes requests with `Cookie`; ours uses what was stored for others',
    fits: ({ sent, sentFirst, theyAsk }) =>
      (sent('cookie') ?? sentFirst('cookie')) !== undefined && theyAsk,
  },
  {
    caches: ['nginx', 'trafficserver'],
    section: 'RFC 9111 §7.3',
    right: 'both',
    they: 'store the answer to a request with `Cookie` without being told that it is for all',
    fits: ({ sentFirst, weAsk, theyStored }) =>
      sentFirst('cookie') !== undefined && weAsk && theyStored,
  },
  {
    caches: ATS,
    section: 'RFC 9111 §7.3',
    right: 'both',
    they: 'stores what sets a cookie, with it',
    fits: ({ answered, theyStored }) => answered('set-cookie') !== undefined && theyStored,
  },
  {
    caches: NGINX,
    section: 'RFC 9111 §4.2.3',
    right: 'ours',
    they: 'counts neither `Age` nor `Date`: what comes old is fresh anew',
    fits: ({ answered, theyReuse }, { ours }) =>
      (answered('age') ?? answered('date')) !== undefined && theyReuse && ours.asked !== 'not',
  },
  {
    caches: VARNISH,
    section: 'RFC 9111 §4.2.3',
    right: 'both',
    they: 'counts `Age` alone: an old `Date` makes nothing older',
    fits: ({ answered, theyReuse }, { ours }) =>
      answered('date') !== undefined && theyReuse && ours.asked !== 'not',
  },
  {
    caches: ['nginx', 'trafficserver'],
    section: 'RFC 9111 §3',
    right: 'both',
    they: 'store a 5xx that says how long; ours where `ttl.statuses` names it, or without `armor`',
    fits: ({ status, weAsk, theyStored }) => status >= 500 && weAsk && theyStored,
  },
]
