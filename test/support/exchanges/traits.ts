import { headerValues } from '../client.ts'
import type { Difference } from './difference.ts'

/** What explanations of a difference go by. */
export interface Traits {
  /** Cache-Control of the first answer. */
  readonly says: string
  /** Of the first answer. */
  readonly status: number
  /** Whether the other cache answered from what it had; whether ours did. */
  readonly theyReuse: boolean
  /** Whether it had something stored, also where it asked if that still holds. */
  readonly theyStored: boolean
  readonly weReuse: boolean
  readonly theyAsk: boolean
  readonly weAsk: boolean
  /** A field of the first answer, a header of the first request, and of the request that is answered otherwise. */
  readonly answered: Header
  readonly sentFirst: Header
  readonly sent: Header
}

type Header = (name: string) => string | undefined

/** Reads the traits of a difference. */
export function traitsOf({ exchange, at, ours, theirs }: Difference): Traits {
  const [first] = exchange.steps
  const step = exchange.steps[at]
  const answered = (name: string) => valueOf(first?.answer.headers ?? [], name)
  // 504 is what a client gets that wanted only what is stored.
  const reuses = ({ asked, status }: typeof ours) =>
    status !== 504 && (asked === 'not' || asked === 'behind')
  return {
    says: answered('cache-control') ?? '',
    status: first?.answer.status ?? 0,
    theyReuse: reuses(theirs),
    theyStored: theirs.asked !== 'plainly',
    weReuse: reuses(ours),
    theyAsk: !reuses(theirs),
    weAsk: !reuses(ours),
    answered,
    sentFirst: (name) => valueOf(first?.sends ?? [], name),
    sent: (name) => valueOf(step?.sends ?? [], name),
  }
}

function valueOf(
  headers: Parameters<typeof headerValues>[0]['headers'],
  name: string,
): string | undefined {
  return headerValues({ headers }, name)[0]
}
