import { CLASSES, RCODES, TYPES } from '../message/codes.ts'
import { readName, writeName } from '../message/name.ts'
import { ByteReader } from '../message/reader.ts'
import { ByteWriter } from '../message/writer.ts'

/** The algorithms that are spoken here, by their names in a TSIG record (RFC 8945 §6) and in WebCrypto. */
export const TSIG_ALGORITHMS = {
  'hmac-sha256': { hash: 'SHA-256', octets: 32 },
  'hmac-sha512': { hash: 'SHA-512', octets: 64 },
} as const

/** A TSIG record (RFC 8945 §4.2). */
export interface TsigRecord {
  readonly keyName: string
  readonly algorithm: string
  /** Seconds since 1970. */
  readonly timeSigned: number
  readonly fudgeSeconds: number
  readonly mac: Uint8Array
  readonly originalId: number
  /** By name: NOERROR, BADSIG, BADKEY, BADTIME, … */
  readonly error: string
  readonly other: Uint8Array
}

/** Reads the TSIG record that begins at a place of a message; undefined when there is none, or it is none. */
export function readTsig(message: Uint8Array, at: number): TsigRecord | undefined {
  const reader = new ByteReader(message, at)
  const keyName = readName(reader)
  const isTsig = reader.u16() === TYPES.codeOf('TSIG') && reader.u16() === CLASSES.codeOf('ANY')
  const ttl = reader.u32()
  const end = reader.u16() + reader.at
  const record = {
    keyName,
    algorithm: readName(reader),
    timeSigned: reader.u16() * 2 ** 32 + reader.u32(),
    fudgeSeconds: reader.u16(),
    mac: reader.take(reader.u16()),
    originalId: reader.u16(),
    error: RCODES.nameOf(reader.u16()),
    other: reader.take(reader.u16()),
  }
  const isWhole = reader.wrong === undefined && reader.at === end && end === message.length
  return isTsig && ttl === 0 && isWhole ? record : undefined
}

/** The bytes of a TSIG record, as they stand at the end of a message. */
export function writeTsig(record: TsigRecord): readonly number[] {
  const writer = new ByteWriter()
  writeName(writer, record.keyName)
  writer.u16(TYPES.codeOf('TSIG') ?? 0)
  writer.u16(CLASSES.codeOf('ANY') ?? 0)
  writer.u32(0)
  writer.measured((data) => {
    writeName(data, record.algorithm)
    data.u48(record.timeSigned)
    data.u16(record.fudgeSeconds)
    data.measured((inner) => inner.put(record.mac))
    data.u16(record.originalId)
    data.u16(RCODES.codeOf(record.error) ?? 0)
    data.measured((inner) => inner.put(record.other))
  })
  return writer.bytes
}

/** What of a TSIG record is signed beside the message (RFC 8945 §4.3.3): names in lower case, as they always are here. */
export function toSignedVariables(record: TsigRecord): readonly number[] {
  const writer = new ByteWriter()
  writeName(writer, record.keyName)
  writer.u16(CLASSES.codeOf('ANY') ?? 0)
  writer.u32(0)
  writeName(writer, record.algorithm)
  writer.u48(record.timeSigned)
  writer.u16(record.fudgeSeconds)
  writer.u16(RCODES.codeOf(record.error) ?? 0)
  writer.measured((inner) => inner.put(record.other))
  return writer.bytes
}
