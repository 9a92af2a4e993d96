import { randomBytes } from 'node:crypto'

/** A key that signs requests to a server (RFC 8945). */
export interface TsigKey {
  readonly name: string
  readonly algorithm: 'hmac-sha256' | 'hmac-sha512'
  /** In base64. */
  readonly secret: string
}

/** A key that nobody else has. */
export function createTsigKey(
  name: string,
  algorithm: TsigKey['algorithm'] = 'hmac-sha256',
): TsigKey {
  return { name, algorithm, secret: randomBytes(32).toString('base64') }
}

/** A zone with nothing in it but what a zone must have; its name server is this machine. */
export function emptyZone(zone: string): string {
  return [
    `$ORIGIN ${zone}.`,
    '$TTL 60',
    '@ SOA ns1 hostmaster 1 3600 600 86400 60',
    '@ NS ns1',
    'ns1 A 127.0.0.1',
    '',
  ].join('\n')
}
