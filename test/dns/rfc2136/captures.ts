import { readFileSync } from 'node:fs'

/** One request to a real name server and its answer, as bytes. */
export interface Capture {
  readonly what: string
  /** The name of the key in `CAPTURE_KEYS`. */
  readonly key: string
  /** When it was sent, by the clock of who sent it. */
  readonly atMs: number
  readonly request: Uint8Array
  readonly answer: Uint8Array
}

/**
 * What was said to BIND 9.18.49, Knot 3.2.6 and PowerDNS 4.7.3 on 2026-11-21, by nsupdate 9.18.49 and, where it says
 * "a question", by the code under test.
 */
export const CAPTURED_SERVERS = ['bind', 'knot', 'powerdns'] as const
export type CapturedServer = (typeof CAPTURED_SERVERS)[number]

/** The keys of the servers. One request was signed with another secret for the first one. */
export const CAPTURE_KEYS = {
  portolan: { algorithm: 'hmac-sha256', secret: toSecret(32, 1) },
  'portolan-big': { algorithm: 'hmac-sha512', secret: toSecret(64, 2) },
} as const

/** Everything that was said to a server. */
export function readCaptures(server: CapturedServer): readonly Capture[] {
  const url = new URL(`captures/${server}.json`, import.meta.url)
  const texts: readonly (Omit<Capture, 'request' | 'answer'> &
    Record<'request' | 'answer', string>)[] = JSON.parse(readFileSync(url, 'utf8'))
  return texts.map((text) => ({
    ...text,
    request: fromHex(text.request),
    answer: fromHex(text.answer),
  }))
}

/** One exchange by its words. */
export function findCapture(server: CapturedServer, what: string): Capture {
  const capture = readCaptures(server).find((each) => each.what === what)
  if (!capture) throw new Error(`nothing was captured: ${what}`)
  return capture
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))
}

function toSecret(length: number, octet: number): string {
  return btoa(String.fromCharCode(octet).repeat(length))
}
