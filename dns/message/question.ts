import type { DnsFlag, DnsMessage } from './message.ts'

/** A message to be sent; its id is given to it. */
export type DnsRequest = Omit<DnsMessage, 'id'>

/** Asks for the records of a name and type (RFC 1035 §4.1). */
export function toQuestion(
  { name, type }: { readonly name: string; readonly type: string },
  flags: readonly DnsFlag[] = [],
): DnsRequest {
  return {
    opcode: 'QUERY',
    rcode: 'NOERROR',
    flags,
    questions: [{ name, type, class: 'IN' }],
    answers: [],
    authorities: [],
    additionals: [],
  }
}
