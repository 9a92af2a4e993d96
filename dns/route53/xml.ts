/** An element: its name without a prefix, the text that stands in it directly, and its children in order. */
export interface XmlElement {
  readonly name: string
  readonly text: string
  readonly children: readonly XmlElement[]
}

/** The deepest that elements nest: a record set lies at five. */
const MOST_DEPTH = 32

const TOKEN = new RegExp(
  [
    String.raw`<\?[^>]*\?>|<!--(?:[^-]|-[^-])*-->`,
    String.raw`<!\[CDATA\[(?<literal>(?:[^\]]|\](?!\]>))*)\]\]>`,
    String.raw`<\/(?<closed>[\w:.-]+)\s*>`,
    String.raw`<(?<opened>[\w:.-]+)(?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(?<empty>\/?)>`,
    String.raw`(?<plain>[^<]+)`,
  ].join('|'),
  'gy',
)

interface Open {
  readonly name: string
  readonly children: XmlElement[]
  text: string
}

/**
 * The outermost element of a document, or undefined when it is no well-formed XML of the kind that Route 53 speaks:
 * elements, text, the five entities and numbers. Attributes say nothing there and are passed over; a document type,
 * and with it every entity of its own making, is refused.
 */
export function parseXml(document: string): XmlElement | undefined {
  const source = document.replace(/^\uFEFF/, '')
  const outside: Open = { name: '', children: [], text: '' }
  const stack = [outside]
  let end = 0
  for (const match of source.matchAll(TOKEN)) {
    if (!take(stack, match.groups ?? {})) return undefined
    end = match.index + match[0].length
  }
  const isWhole = end === source.length && stack.length === 1
  const [root, ...others] = outside.children
  return isWhole && others.length === 0 && outside.text.trim() === '' ? root : undefined
}

/** Takes one piece; false when it cannot stand there. */
function take(stack: Open[], piece: Readonly<Record<string, string | undefined>>): boolean {
  const top = stack.at(-1)
  if (top === undefined) return false
  const { opened, closed, plain, literal, empty } = piece
  if (opened !== undefined) {
    stack.push({ name: localName(opened), children: [], text: '' })
    return empty === '/' ? close(stack) : stack.length <= MOST_DEPTH
  }
  if (closed !== undefined) return top.name === localName(closed) && close(stack)
  const text = plain === undefined ? (literal ?? '') : unescapeXml(plain)
  if (text === undefined) return false
  top.text += text
  return true
}

/** Ends the innermost element; false when none is open. */
function close(stack: Open[]): boolean {
  const ended = stack.pop()
  const parent = stack.at(-1)
  if (ended === undefined || parent === undefined) return false
  // White space between elements is layout.
  parent.children.push({ ...ended, text: ended.children.length > 0 ? '' : ended.text })
  return true
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1)
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

function unescapeXml(text: string): string | undefined {
  let isWrong = false
  const plain = text.replaceAll(
    /&(?:(\w{1,8}|#\d{1,7}|#x[\da-fA-F]{1,6});)?/g,
    (_, body: string = '') => {
      const character = ENTITIES.get(body) ?? fromNumber(body)
      isWrong ||= character === undefined
      return character ?? ''
    },
  )
  return isWrong ? undefined : plain
}

function fromNumber(body: string): string | undefined {
  if (!body.startsWith('#')) return undefined
  const code = body.startsWith('#x')
    ? Number.parseInt(body.slice(2), 16)
    : Number.parseInt(body.slice(1), 10)
  const isCharacter = code > 0 && code <= 0x10_ff_ff && !(code >= 0xd8_00 && code <= 0xdf_ff)
  return isCharacter ? String.fromCodePoint(code) : undefined
}

/** An element that holds text, or other elements. */
export function element(name: string, content: string | readonly XmlElement[]): XmlElement {
  return typeof content === 'string'
    ? { name, text: content, children: [] }
    : { name, text: '', children: content }
}

/** Writes an element and all that is in it. */
export function writeXml({ name, text, children }: XmlElement): string {
  return `<${name}>${escapeXml(text)}${children.map(writeXml).join('')}</${name}>`
}

function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"'\r]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** The first child of that name. */
export function childOf(parent: XmlElement | undefined, name: string): XmlElement | undefined {
  return parent?.children.find((child) => child.name === name)
}

/** The text of the first child of that name; undefined when there is none. */
export function textOf(parent: XmlElement | undefined, name: string): string | undefined {
  return childOf(parent, name)?.text
}

/** The children of the first child of that name: `<Changes>` holds each `<Change>`. */
export function listOf(parent: XmlElement | undefined, name: string): readonly XmlElement[] {
  return childOf(parent, name)?.children ?? []
}
