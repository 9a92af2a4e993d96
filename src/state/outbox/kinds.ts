import type { NoticeKind } from '../../schema/notification.ts'
import type { Receiver } from './state.ts'

type Kept = Pick<Receiver, 'kinds' | 'hearsOfDns'>

/**
 * The kinds of a receiver as they are stored: "dns" apart from the others, since release 0.3.0 reads them, too, and
 * would refuse the whole state of the control object for one that it does not know.
 */
export function keepKinds(kinds: readonly NoticeKind[]): Kept {
  return { kinds: kinds.filter((kind) => kind !== 'dns'), hearsOfDns: kinds.includes('dns') }
}

/** What a receiver hears of. */
export function kindsOf({ kinds, hearsOfDns }: Kept): NoticeKind[] {
  return hearsOfDns ? [...kinds, 'dns'] : kinds
}
