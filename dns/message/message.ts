import { CLASSES, type Codes, OPCODES, RCODES, TYPES } from './codes.ts'
import { readName, writeName } from './name.ts'
import { readRdata, writeRdata } from './rdata.ts'
import { ByteReader } from './reader.ts'
import { ByteWriter } from './writer.ts'

/** What is asked for; in an UPDATE the zone. */
export interface DnsQuestion {
  readonly name: string
  readonly type: string
  readonly class: string
}

/**
 * One record. `value` is as a zone file writes it, close to canonical (`toCanonicalValues` makes it so); empty where
 * the record has no data, as in an UPDATE of class NONE or ANY.
 */
export interface DnsRecord extends DnsQuestion {
  readonly ttl: number
  readonly value: string
}

/** Bits of the header (RFC 1035 §4.1.1, RFC 4035 §3). */
const FLAGS = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
  authenticData: 0x0020,
  checkingDisabled: 0x0010,
} as const
export type DnsFlag = keyof typeof FLAGS

/**
 * A message: types, classes, opcode and rcode by name (`codes.ts`), or as `TYPE123` where they have none here. In an
 * UPDATE `questions` is the zone, `answers` are the prerequisites, `authorities` the changes (RFC 2136 §2).
 */
export interface DnsMessage {
  readonly id: number
  readonly opcode: string
  readonly rcode: string
  readonly flags: readonly DnsFlag[]
  readonly questions: readonly DnsQuestion[]
  readonly answers: readonly DnsRecord[]
  readonly authorities: readonly DnsRecord[]
  readonly additionals: readonly DnsRecord[]
}

/** A message that was read, and where its last record begins (a TSIG is the last one, and signs what is before it). */
export type Decoded =
  | { readonly ok: true; readonly message: DnsMessage; readonly lastRecordAt: number }
  | { readonly ok: false; readonly error: string }

/** The bytes of a message, or why there are none. */
export type Encoded =
  | { readonly ok: true; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly ok: false; readonly error: string }

/** The most that the two octets before a message over TCP can tell (RFC 1035 §4.2.2). */
const MOST_BYTES = 0xffff

/** Reads a message, any bytes at all: what is none is told, never thrown. Nothing may follow its last record. */
export function decodeMessage(bytes: Uint8Array): Decoded {
  const reader = new ByteReader(bytes)
  if (bytes.length > MOST_BYTES) reader.fail(`it is longer than ${MOST_BYTES} octets`)
  const id = reader.u16()
  const bits = reader.u16()
  const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const
  const questions = readMany(reader, counts[0], readQuestion)
  const answers = readMany(reader, counts[1], readRecord)
  const authorities = readMany(reader, counts[2], readRecord)
  let lastRecordAt = reader.at
  const additionals = readMany(reader, counts[3], (each) => {
    lastRecordAt = each.at
    return readRecord(each)
  })
  if (!reader.isDone) reader.fail('something follows its last record')
  if (reader.wrong !== undefined) return { ok: false, error: reader.wrong }
  const message = { id, ...fromBits(bits), questions, answers, authorities, additionals }
  return { ok: true, message, lastRecordAt }
}

/** Writes a message, its names not compressed. */
export function encodeMessage(message: DnsMessage): Encoded {
  const writer = new ByteWriter()
  const { questions, answers, authorities, additionals } = message
  writer.u16(message.id)
  writer.u16(toBits(writer, message))
  for (const section of [questions, answers, authorities, additionals]) writer.u16(section.length)
  for (const question of questions) writeQuestion(writer, question)
  for (const record of [...answers, ...authorities, ...additionals]) writeRecord(writer, record)
  if (writer.bytes.length > MOST_BYTES) writer.fail(`it is longer than ${MOST_BYTES} octets`)
  if (writer.wrong !== undefined) return { ok: false, error: writer.wrong }
  return { ok: true, bytes: Uint8Array.from(writer.bytes) }
}

/** Counts come from outside: it ends with the bytes, however many are announced. */
function readMany<Item>(
  reader: ByteReader,
  count: number,
  read: (reader: ByteReader) => Item,
): readonly Item[] {
  const items: Item[] = []
  for (let at = 0; at < count && reader.wrong === undefined; at += 1) items.push(read(reader))
  return items
}

function readQuestion(reader: ByteReader): DnsQuestion {
  const name = readName(reader)
  return { name, type: TYPES.nameOf(reader.u16()), class: CLASSES.nameOf(reader.u16()) }
}

function readRecord(reader: ByteReader): DnsRecord {
  const question = readQuestion(reader)
  const ttl = reader.u32()
  const length = reader.u16()
  const isEmpty = length === 0 && (question.class === 'NONE' || question.class === 'ANY')
  return { ...question, ttl, value: isEmpty ? '' : readRdata(reader, question.type, length) }
}

function writeQuestion(writer: ByteWriter, { name, type, class: group }: DnsQuestion): void {
  writeName(writer, name)
  writer.u16(codeOf(writer, TYPES, type))
  writer.u16(codeOf(writer, CLASSES, group))
}

function writeRecord(writer: ByteWriter, record: DnsRecord): void {
  writeQuestion(writer, record)
  writer.u32(record.ttl)
  writer.measured((inner) => {
    if (record.value !== '') writeRdata(inner, record.type, record.value)
  })
}

function fromBits(bits: number): Pick<DnsMessage, 'flags' | 'opcode' | 'rcode'> {
  const flags = Object.entries(FLAGS).flatMap(([flag, bit]) =>
    (bits & bit) === 0 ? [] : [flag as DnsFlag],
  )
  return { flags, opcode: OPCODES.nameOf((bits >> 11) & 15), rcode: RCODES.nameOf(bits & 15) }
}

function toBits(writer: ByteWriter, { flags, opcode, rcode }: DnsMessage): number {
  const codes = [codeOf(writer, OPCODES, opcode), codeOf(writer, RCODES, rcode)] as const
  if (codes.some((code) => code > 15)) writer.fail('an opcode and an rcode have four bits')
  return flags.reduce((bits, flag) => bits | FLAGS[flag], ((codes[0] & 15) << 11) | (codes[1] & 15))
}

function codeOf(writer: ByteWriter, table: Codes, name: string): number {
  const code = table.codeOf(name)
  if (code === undefined) writer.fail(`"${name}" is not known`)
  return code ?? 0
}
