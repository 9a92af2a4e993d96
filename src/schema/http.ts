import * as z from 'zod'
import { boundedRecord } from './bounded-record.ts'

/** Most headers that one setting sets, adds or removes. */
export const MOST_HEADERS = 32

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/

/** A field name (RFC 9110 §5.1), made lower case: names are compared without case. */
export const HeaderName = z
  .string()
  .regex(TOKEN, { error: 'a header name is a token of RFC 9110, at most 128 characters' })
  .transform((name) => name.toLowerCase())

/** A field value (RFC 9110 §5.5): visible ASCII, spaces and tabs. */
export const HeaderValue = z.string().regex(/^[\t\x20-\x7e]{0,4096}$/, {
  error: 'a header value is printable ASCII of at most 4096 characters, without line breaks',
})

/** A name and value for every header that is set; lower-cased names. */
export const HeaderMap = boundedRecord(HeaderName, HeaderValue, {
  most: MOST_HEADERS,
  plural: 'headers',
})

/** A cookie name (RFC 6265 §4.1.1), compared with case. */
export const CookieName = z
  .string()
  .regex(TOKEN, { error: 'a cookie name is a token of RFC 6265, at most 128 characters' })

/** A query parameter's name, after percent-decoding. */
export const ParameterName = z.string().min(1).max(128)

/** A request method (RFC 9110 §9), upper case, of those the runtime lets through to a Worker. */
export const Method = z.string().regex(/^[A-Z][A-Z-]{0,31}$/, {
  error: 'a method is written in upper case, such as "GET"',
})

/** A host name in lower case, without port: letters, digits, hyphens and dots, at most 253 characters. */
export const HostName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/, {
    error: 'a host name is lower case, without scheme, port or path, such as "www.example.com"',
  })

/** The path of a URL (RFC 3986 §3.3), as it is sent. */
export const UrlPath = z
  .string()
  .max(2048)
  .regex(/^\/[\x21\x22\x24-\x3e\x40-\x7e]*$/, {
    error: 'a path starts with "/" and is printable ASCII, without query ("?") or fragment ("#")',
  })

/** A status that a Worker can answer with: `new Response` takes 200 to 599 (RFC 9110 §15). */
export const Status = z.int().min(200).max(599)
