import type { Difference } from './difference.ts'
import type { Explanation } from './explanation.ts'
import { answering } from './explained-answering.ts'
import { storing } from './explained-storing.ts'
import { ofTrafficServer } from './explained-traffic-server.ts'

/** Every class of differences between ours and others, by what differs. */
export const EXPLAINED: Readonly<Record<Difference['respect'], readonly Explanation[]>> = {
  told: [...storing, ...answering, ...ofTrafficServer],
  head: [
    {
      caches: ['nginx'],
      section: 'RFC 9111 §4.3.4',
      right: 'ours',
      they: 'does not take over the fields of a 304',
      fits: () => true,
    },
  ],
  age: [
    {
      caches: ['nginx'],
      section: 'RFC 9111 §4, §5.1',
      right: 'ours',
      they: 'gives no `Age`, or the one that came',
      fits: () => true,
    },
    {
      caches: ['varnish'],
      section: 'RFC 9111 §4.2.3',
      right: 'both',
      they: 'begins with the `Age` that came and counts no `Date`',
      fits: ({ answered }) => answered('date') !== undefined,
    },
    {
      caches: ['trafficserver'],
      section: 'RFC 9111 §4',
      right: 'ours',
      they: 'gives no `Age` with 304 and 416',
      fits: (_, { theirs }) => theirs.status === 304 || theirs.status === 416,
    },
  ],
}
