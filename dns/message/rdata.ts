import { parseQuoted, quoteBytes } from '../../src/schema/dns-text.ts'
import { readIpv4, readIpv6, writeIpv4, writeIpv6 } from './address.ts'
import { readName, writeName } from './name.ts'
import { ByteReader } from './reader.ts'
import { readParameters, writeParameters } from './service.ts'
import type { ByteWriter } from './writer.ts'

/** How the data of one type is told: as a zone file writes it, and as bytes. */
interface Form {
  read(reader: ByteReader): string
  write(writer: ByteWriter, text: string): void
}

const nameForm: Form = { read: readName, write: writeName }

const FORMS: Readonly<Record<string, Form>> = {
  A: { read: readIpv4, write: writeIpv4 },
  AAAA: { read: readIpv6, write: writeIpv6 },
  CNAME: nameForm,
  NS: nameForm,
  PTR: nameForm,
  MX: {
    read: (reader) => `${reader.u16()} ${readName(reader)}`,
    write: writeWords(['u16', 'name']),
  },
  SRV: {
    read: (reader) => `${reader.u16()} ${reader.u16()} ${reader.u16()} ${readName(reader)}`,
    write: writeWords(['u16', 'u16', 'u16', 'name']),
  },
  SOA: { read: readSoa, write: writeWords(['name', 'name', 'u32', 'u32', 'u32', 'u32', 'u32']) },
  TXT: { read: readStrings, write: writeStrings },
  HTTPS: { read: readHttps, write: writeHttps },
}

/**
 * Reads the data of a record as a zone file writes it, names within it decompressed. A type that is not known here
 * is bytes (RFC 3597 §5): `\# 3 0a0b0c`. The reader fails on data that is none of its type, and on what is left over.
 */
export function readRdata(reader: ByteReader, type: string, length: number): string {
  const inner = new ByteReader(reader.bytes, reader.at, Math.min(reader.at + length, reader.end))
  const text = FORMS[type]?.read(inner) ?? toOpaque(inner.rest())
  reader.take(length)
  if (inner.wrong !== undefined) reader.fail(`the data of a ${type} record: ${inner.wrong}`)
  else if (inner.at < inner.end) reader.fail(`the data of a ${type} record is too long`)
  return text
}

/** Writes data as `readRdata` reads it. */
export function writeRdata(writer: ByteWriter, type: string, text: string): void {
  const form = FORMS[type]
  if (form) form.write(writer, text)
  else writeOpaque(writer, text)
}

function readSoa(reader: ByteReader): string {
  const names = [readName(reader), readName(reader)]
  return [...names, ...Array.from({ length: 5 }, () => reader.u32())].join(' ')
}

function readStrings(reader: ByteReader): string {
  const strings: string[] = []
  // One at least (RFC 1035 §3.3.14): without any, this fails.
  do strings.push(quoteBytes([...reader.take(reader.u8())]))
  while (!reader.isDone)
  return strings.join(' ')
}

function writeStrings(writer: ByteWriter, text: string): void {
  const strings = parseQuoted(text)
  if (!strings) writer.fail(`${text} is no list of quoted strings`)
  for (const string of strings ?? []) {
    writer.u8(string.length)
    writer.put(string)
  }
}

function readHttps(reader: ByteReader): string {
  const head = `${reader.u16()} ${readName(reader)}`
  return reader.isDone ? head : `${head} ${readParameters(reader)}`
}

function writeHttps(writer: ByteWriter, text: string): void {
  const [, head = '', parameters = ''] = /^(\S+\s+\S+)(.*)$/s.exec(text) ?? []
  writeWords(['u16', 'name'])(writer, head)
  writeParameters(writer, parameters)
}

function writeWords(kinds: readonly ('u16' | 'u32' | 'name')[]): Form['write'] {
  return (writer, text) => {
    const words = text.split(/\s+/)
    if (words.length !== kinds.length) writer.fail(`"${text}" has not ${kinds.length} parts`)
    for (const [at, kind] of kinds.entries()) {
      const word = words[at] ?? ''
      if (kind === 'name') writeName(writer, word)
      else writer[kind](/^\d+$/.test(word) ? Number(word) : Number.NaN)
    }
  }
}

function toOpaque(bytes: Uint8Array): string {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `\\# ${bytes.length} ${digits}`.trimEnd()
}

function writeOpaque(writer: ByteWriter, text: string): void {
  const { length, digits = '' } =
    /^\\# (?<length>\d+)(?: (?<digits>(?:[0-9a-f]{2})*))?$/.exec(text)?.groups ?? {}
  if (Number(length) !== digits.length / 2) writer.fail(`"${text}" is no data of a record`)
  for (const [digit] of digits.matchAll(/../g)) writer.u8(Number.parseInt(digit, 16))
}
