import type { Explanation } from './explanation.ts'

const ATS = ['trafficserver'] as const

/** What only Traffic Server does. */
export const ofTrafficServer: readonly Explanation[] = [
  {
    caches: ATS,
    section: 'RFC 9111 §3.3',
    right: 'both',
    they: 'stores nothing when a part is asked for first; ours fetches the whole',
    fits: ({ sentFirst, theyAsk }) => sentFirst('range') !== undefined && theyAsk,
  },
  {
    caches: ATS,
    section: 'RFC 9111 §5.2.1.7',
    right: 'ours',
    they: 'asks the origin about what is stale, for a client that said `only-if-cached`',
    fits: ({ sent, theyAsk }) => sent('cache-control') === 'only-if-cached' && theyAsk,
  },
  {
    caches: ATS,
    section: 'RFC 9111 §5.2.2.10',
    right: 'ours',
    they: 'uses what has `s-maxage` stale for `max-stale`',
    fits: ({ says, sent, theyReuse }) =>
      says.includes('s-maxage') &&
      (sent('cache-control') ?? '').startsWith('max-stale') &&
      theyReuse,
  },
  {
    caches: ATS,
    section: 'RFC 9110 §13.1.2',
    right: 'ours',
    they: 'compares "*" in `If-None-Match` with the tag of what is stored, and gives the whole where there is none',
    fits: ({ sent }, { ours }) => sent('if-none-match') === '*' && ours.status === 304,
  },
  {
    caches: ATS,
    section: 'RFC 9111 §4.3.3',
    right: 'both',
    they: 'takes a 5xx for no answer and uses what is stale, for a week; ours where `stale-if-error` allows it',
    fits: (_, { ours, theirs }) =>
      ours.status === 503 && theirs.status !== 503 && theirs.asked !== 'not',
  },
  {
    caches: ATS,
    section: 'RFC 9110 §13.2.1',
    right: 'ours',
    they: 'answers a condition with 304 whatever the status of what is stored',
    fits: ({ status }, { ours, theirs }) =>
      status !== 200 && ours.status === status && theirs.status === 304,
  },
  {
    caches: ATS,
    section: 'RFC 9111 §5.4',
    right: 'ours',
    they: 'stores nothing that says `Pragma: no-cache`, which means nothing in an answer',
    fits: ({ answered, theyAsk }) => answered('pragma') !== undefined && theyAsk,
  },
  {
    caches: ATS,
    section: 'RFC 9111 §5.3',
    right: 'ours',
    they: 'reads dates that are none: a 99th of November',
    fits: ({ answered }) => (answered('expires') ?? '').includes('99 Nov'),
  },
  {
    caches: ATS,
    section: 'RFC 9111 §4.2.2',
    right: 'both',
    they: 'guesses a lifetime for 308, 410 and 5xx where none is said',
    fits: ({ says, status, theyReuse }) => status !== 200 && !/max-?age/.test(says) && theyReuse,
  },
  {
    caches: ATS,
    section: 'RFC 9111 §5.2.1.2',
    right: 'both',
    they: 'uses what is stale for `max-stale` without asking for it anew meanwhile',
    fits: ({ sent }, { ours, theirs }) =>
      (sent('cache-control') ?? '').startsWith('max-stale') &&
      ours.asked === 'behind' &&
      theirs.asked === 'not',
  },
  {
    caches: ATS,
    section: 'RFC 9110 §14.2',
    right: 'both',
    they: 'asks the origin for a `Range` that it cannot answer itself, and passes its part; ours fetches the whole',
    fits: ({ sent, theyAsk }) => sent('range') !== undefined && theyAsk,
  },
]
