import { quoteBytes, unescapeText } from '../../src/schema/dns-text.ts'
import { readIpv4, readIpv6, writeIpv4, writeIpv6 } from './address.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { ByteReader } from './reader.ts'
import { ByteWriter } from './writer.ts'

/** How the value of one parameter is told: as a zone file writes it, and as bytes. */
interface Form {
  readonly name: string
  /** Until the reader is done. */
  read(reader: ByteReader): string
  write(writer: ByteWriter, text: string): void
}

/** The parameters that have a form of their own, by number (RFC 9460 §14.3.2). Others are bytes. */
const FORMS: readonly Form[] = [
  listForm('mandatory', {
    read: (reader) => nameOf(reader.u16()),
    write: (writer, key) =>
      writer.u16(numberOf(key) ?? writer.fail(`"${key}" is no parameter`) ?? 0),
  }),
  listForm('alpn', { read: readProtocol, write: writeProtocol }),
  { name: 'no-default-alpn', read: () => '', write: () => {} },
  {
    name: 'port',
    read: (reader) => String(reader.u16()),
    write: (writer, text) => writer.u16(Number(text)),
  },
  listForm('ipv4hint', { read: readIpv4, write: writeIpv4 }),
  {
    name: 'ech',
    read: (reader) => toBase64(reader.rest()),
    write: (writer, text) =>
      writer.put(fromBase64(text) ?? writer.fail(`"${text}" is no base64`) ?? []),
  },
  listForm('ipv6hint', { read: readIpv6, write: writeIpv6 }),
]

/**
 * Reads the parameters of an HTTPS record (RFC 9460 §2.2) as a zone file writes them: `alpn=h2,h3 port=8443`. What
 * is not as the form of its number wants it is told as bytes: `key3="\000"`.
 */
export function readParameters(reader: ByteReader): string {
  const words: string[] = []
  while (!reader.isDone) {
    const number = reader.u16()
    words.push(toWord(number, reader.take(reader.u16())))
  }
  return words.join(' ')
}

/** Writes parameters in the order in which they stand. */
export function writeParameters(writer: ByteWriter, text: string): void {
  for (const word of text.match(/(?:[^\s"]|"(?:[^"\\]|\\.)*")+|"/gsu) ?? []) {
    const at = word.indexOf('=')
    const key = at < 0 ? word : word.slice(0, at)
    const bytes = at < 0 ? [] : unescapeText(word.slice(at + 1).replace(/^"(.*)"$/s, '$1'))
    const number = numberOf(key)
    if (number === undefined || bytes === undefined) {
      writer.fail(`"${word}" is no parameter of a service`)
      return
    }
    const form = FORMS.find(({ name }) => name === key)
    writer.u16(number)
    writer.measured((inner) => {
      if (form) form.write(inner, String.fromCharCode(...bytes))
      else inner.put(bytes)
    })
  }
}

function toWord(number: number, bytes: Uint8Array): string {
  const form = FORMS[number]
  const reader = new ByteReader(bytes)
  const value = form?.read(reader)
  const isInForm = value !== undefined && reader.wrong === undefined && reader.at === bytes.length
  const isTold = isInForm && isToldBack(number, value, bytes)
  if (isTold) return value === '' ? nameOf(number) : `${nameOf(number)}=${value}`
  return bytes.length === 0 ? `key${number}` : `key${number}=${quoteBytes([...bytes])}`
}

/** Whether the text says these very bytes: an id of a protocol may hold a comma, or nothing at all. */
function isToldBack(number: number, value: string, bytes: Uint8Array): boolean {
  const writer = new ByteWriter()
  FORMS[number]?.write(writer, value)
  const isPlain = value === '' ? number === 2 : /^[^\s"\\();]+$/.test(value)
  return isPlain && writer.wrong === undefined && writer.bytes.join() === bytes.join()
}

function listForm(name: string, item: Omit<Form, 'name'>): Form {
  return {
    name,
    read(reader) {
      const items: string[] = []
      while (!reader.isDone) items.push(item.read(reader))
      return items.join(',')
    },
    write(writer, text) {
      for (const each of text.split(',')) item.write(writer, each)
    },
  }
}

function readProtocol(reader: ByteReader): string {
  return String.fromCharCode(...reader.take(reader.u8()))
}

function writeProtocol(writer: ByteWriter, id: string): void {
  writer.u8(id.length)
  writer.put(Array.from(id, (character) => character.charCodeAt(0)))
}

const UNFORMED = ['dohpath', 'ohttp'] as const

function nameOf(number: number): string {
  return FORMS[number]?.name ?? UNFORMED[number - FORMS.length] ?? `key${number}`
}

function numberOf(key: string): number | undefined {
  const known = [...FORMS.map(({ name }) => name), ...UNFORMED].indexOf(key)
  if (known >= 0) return known
  const number = /^key(?<number>\d{1,5})$/.exec(key)?.groups?.['number']
  return number === undefined || Number(number) > 0xffff ? undefined : Number(number)
}
