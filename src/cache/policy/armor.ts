import { normalisePath } from '../../core/match/normal.ts'
import type { RouteCache } from '../../schema/cache.ts'
import { OF_ONE_REQUEST } from '../../schema/cache-statuses.ts'
import type { CacheResponse, Fields } from './message.ts'
import { isFailure } from './statuses.ts'

/** Why an answer is not stored that could be: it may be about one client, or about one request. */
export type ArmorReason = 'content-type' | 'status'

const IMAGE = /^(?:image|video)\//
const SOUND_OR_FILM =
  /^(?:audio|video|image)\/|^application\/(?:mp4|ogg|mxf|x-matroska|vnd\.apple\.mpegurl|x-mpegurl|dash\+xml)$/
const FONT = /^font\/|^application\/(?:x-)?font|^application\/vnd\.ms-fontobject$/
const SCRIPT = /^(?:text|application)\/(?:x-)?(?:java|ecma)script$/
const DATA = /^(?:application|text)\/(?:[\w.+-]+\+)?json$|^text\/plain$/
const MARKUP = /^(?:application|text)\/(?:[\w.+-]+\+)?xml$/
const FILE = /^application\/(?!(?:[\w.+-]+\+)?(?:json|xml)$)/

/** What may come under an extension that stands for files: those that delivery networks store by default. */
const FITTING: ReadonlyMap<string, RegExp> = new Map([
  ...each('css', /^text\/css$/),
  ...each('js mjs cjs', SCRIPT),
  ...each('json map webmanifest', DATA),
  ...each('xml rss atom xsl', MARKUP),
  ...each('txt', /^text\/plain$/),
  ...each('csv', /^text\/(?:csv|plain)$|^application\/(?:csv|vnd\.ms-excel)$/),
  ...each('apng avif bmp gif heic ico jpeg jpg jxl png svg svgz tif tiff webp', IMAGE),
  ...each(
    'aac avi flac flv m3u8 m4a m4s m4v mid midi mkv mov mp3 mp4 mpd mpeg mpg oga ogg ogv opus ts wav weba webm',
    SOUND_OR_FILM,
  ),
  ...each('eot otf ttf woff woff2', FONT),
  ...each('wasm', /^application\/wasm$/),
  ...each('pdf', /^application\/pdf$/),
  ...each(
    '7z apk bin bz2 class dmg doc docx ejs eps exe gz iso jar msi odp ods odt pls ppt pptx ps rar swf tar tgz xls xlsx zip zst',
    FILE,
  ),
])

/** Why the armor of a route holds an answer back, if it does. `path` as the origin was asked for it. */
export function armorOf(
  path: string,
  { status, fields }: CacheResponse,
  { statuses }: Pick<RouteCache['ttl'], 'statuses'>,
): ArmorReason | undefined {
  if (OF_ONE_REQUEST.has(status)) return 'status'
  if (isFailure(status)) return isNamed(statuses, status) ? undefined : 'status'
  const isContent = status >= 200 && status <= 299 && status !== 204
  return isContent && !isFitting(path, fields) ? 'content-type' : undefined
}

/**
 * A failure may have any cause, a header of one client as well, and often has the lifetime of the page in whose place it
 * stands. It is kept where the route names it.
 */
function isNamed(statuses: RouteCache['ttl']['statuses'], status: number): boolean {
  return statuses[String(status)] !== undefined || statuses['5xx'] !== undefined
}

/**
 * Whether the type of an answer fits the extension of its path. `/account/x.css` that is a page is a page about somebody
 * who followed a link (web cache deception): the origin took the path for `/account`. What is for saving and not for
 * showing (`application/octet-stream`) fits all.
 */
function isFitting(path: string, fields: Fields): boolean {
  const expected = extensionsOf(path).flatMap((extension) => FITTING.get(extension) ?? [])
  if (expected.length === 0) return true
  const type = typeOf(fields)
  return type === 'application/octet-stream' || expected.every((fitting) => fitting.test(type))
}

/** In lower case: that of the last segment, and that before a `;`, where some origins cut it. */
function extensionsOf(path: string): readonly string[] {
  const normal = normalisePath(path)
  const segment = normal.slice(normal.lastIndexOf('/') + 1)
  const [beforeParameters = ''] = segment.split(';', 1)
  return [segment, beforeParameters].flatMap((name) => {
    const dot = name.lastIndexOf('.')
    return dot === -1 ? [] : [name.slice(dot + 1).toLowerCase()]
  })
}

/** Empty where there is none or more than one: then nobody knows what it is. */
function typeOf(fields: Fields): string {
  const values = fields.filter(([name]) => name === 'content-type')
  const [[, value] = ['', '']] = values
  return values.length === 1 ? (value.split(';', 1)[0] ?? '').trim().toLowerCase() : ''
}

/**
 * Request headers that an answer hangs on by what it is, though no `Vary` names them: origins forget it, and a client that
 * cannot decode would get what is encoded, or one site the permission of another.
 */
export function impliedVary(fields: Fields): readonly string[] {
  const names: string[] = []
  for (const [name, value] of fields) {
    const text = value.trim().toLowerCase()
    if (name === 'content-encoding' && text !== '' && text !== 'identity')
      names.push('accept-encoding')
    if (name === 'access-control-allow-origin' && text !== '*') names.push('origin')
  }
  return names
}

function each(extensions: string, fitting: RegExp): (readonly [string, RegExp])[] {
  return extensions.split(' ').map((extension) => [extension, fitting] as const)
}
