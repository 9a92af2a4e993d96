import { header, type Received } from './client.ts'
import type { OriginExchange, Reply } from './origin.ts'

/** How a page of an origin comes. */
export interface PageParts {
  readonly control?: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly status?: number
  readonly bytes?: number
}

/**
 * A page that says how often it was made, so that a test sees whether it comes from a cache. It has an entity tag for
 * each time, and says that it is unchanged to whoever has the last one.
 */
export function pages({
  control = 'max-age=60',
  headers = [],
  status = 200,
  bytes,
}: PageParts = {}): Reply {
  let made = 0
  return ({ request, response }: OriginExchange) => {
    made += 1
    const lines = [['Cache-Control', control], ['ETag', `"${made}"`], ...headers].flat()
    if (request.headers['if-none-match'] !== undefined) {
      response.writeHead(304, ['Cache-Control', control, 'ETag', request.headers['if-none-match']])
      response.end()
      return
    }
    const text = `page ${made} of ${request.url}`
    const body = Buffer.from(bytes === undefined ? text : text.padEnd(bytes, '.'))
    response.writeHead(status, [...lines, 'Content-Length', String(body.length)])
    response.end(body)
  }
}

/** What an answer says of the cache that it came through, without its name. */
export function fateOf(received: Pick<Received, 'headers'>): string {
  const text = header(received, 'cache-status') ?? 'none'
  return text.replace(/^portolan; /, '').replace(/ttl=-?\d+/, 'ttl')
}
