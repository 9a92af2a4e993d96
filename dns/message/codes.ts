/** A table of names by number, read both ways. A number without a name is `<prefix><number>` (RFC 3597 §5). */
export interface Codes {
  nameOf(code: number): string
  /** Undefined when the name is none. */
  codeOf(name: string): number | undefined
}

/** Types of records that are told by name. What is known of their data stands in rdata.ts. */
export const TYPES = codes('TYPE', {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  HTTPS: 65,
  TSIG: 250,
  AXFR: 252,
  ANY: 255,
})

/** Classes: NONE and ANY say "not" and "whatever" in an UPDATE (RFC 2136 §2.4, §2.5). */
export const CLASSES = codes('CLASS', { IN: 1, CH: 3, NONE: 254, ANY: 255 })

/** Kinds of messages. */
export const OPCODES = codes('OPCODE', { QUERY: 0, NOTIFY: 4, UPDATE: 5 })

/** What an answer says of itself (RFC 1035 §4.1.1, RFC 2136 §2.2), and what TSIG says in a field of its own (RFC 8945 §3). */
export const RCODES = codes('RCODE', {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  BADSIG: 16,
  BADKEY: 17,
  BADTIME: 18,
  BADTRUNC: 22,
})

function codes(prefix: string, numbers: Readonly<Record<string, number>>): Codes {
  const byName = new Map(Object.entries(numbers))
  const byCode = new Map([...byName].map(([name, code]) => [code, name]))
  const unnamed = new RegExp(String.raw`^${prefix}(?<code>\d{1,5})$`)
  return {
    nameOf: (code) => byCode.get(code) ?? `${prefix}${code}`,
    codeOf: (name) => {
      const code = unnamed.exec(name)?.groups?.['code']
      return code === undefined ? byName.get(name) : Number(code)
    },
  }
}
