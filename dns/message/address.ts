import { parseIpv4, parseIpv6, toIpv6Text } from '../../src/schema/dns-address.ts'
import type { ByteReader } from './reader.ts'
import type { ByteWriter } from './writer.ts'

/** Reads four octets as `192.0.2.1`. */
export function readIpv4(reader: ByteReader): string {
  return reader.take(4).join('.')
}

/** Reads sixteen octets as RFC 5952 writes them. */
export function readIpv6(reader: ByteReader): string {
  return toIpv6Text(Array.from({ length: 8 }, () => reader.u16()))
}

/** Writes an IPv4 address. */
export function writeIpv4(writer: ByteWriter, text: string): void {
  const octets = parseIpv4(text)
  if (octets) writer.put(octets)
  else writer.fail(`"${text}" is no IPv4 address`)
}

/** Writes an IPv6 address. */
export function writeIpv6(writer: ByteWriter, text: string): void {
  const groups = parseIpv6(text)
  if (groups) for (const group of groups) writer.u16(group)
  else writer.fail(`"${text}" is no IPv6 address`)
}
