import { CLOUDFLARE_ERRORS as ERRORS, CloudflareError } from './error.ts'

/** What a list takes in its query, beside the page. */
export interface ListRules {
  readonly names: readonly string[]
  readonly perPage: number
  readonly most: number
}

/**
 * One page of a list (developers.cloudflare.com/fundamentals/api/how-to/make-api-calls#pagination). A query that the
 * reference does not name is refused, so that a misspelt filter cannot pass for one that let everything through.
 */
export function listPage(
  items: readonly object[],
  query: URLSearchParams,
  { names, perPage: usual, most }: ListRules,
): object {
  const known = new Set([...names, 'page', 'per_page'])
  const unknown = [...query.keys()].filter((name) => !known.has(name))
  const page = Number(query.get('page') ?? 1)
  const perPage = Number(query.get('per_page') ?? usual)
  // The reference of "List DNS Records" names these; the list of zones is not asked for in an order.
  const isOrder = [null, 'type', 'name', 'content', 'ttl', 'proxied'].includes(query.get('order'))
  const isPage = Number.isInteger(page) && page >= 1 && perPage >= 1 && perPage <= most
  if (unknown.length > 0 || !isPage || !isOrder) {
    const message = `the query is not understood: ${query.toString()}`
    throw new CloudflareError(ERRORS.wrongRecord, { code: 9101, message })
  }
  const found = toSorted(
    items.filter((item) => isFound(item, query)),
    query,
  )
  const result = found.slice((page - 1) * perPage, page * perPage)
  const info = { count: result.length, total_count: found.length }
  const pages = Math.ceil(found.length / perPage)
  return { result, result_info: { page, per_page: perPage, ...info, total_pages: pages } }
}

/** Filters are joined by "and", and do not mind the case ("Name filters are case-insensitive"). */
function isFound(item: object, query: URLSearchParams): boolean {
  const field = (name: string): string => String(Reflect.get(item, name) ?? '').toLowerCase()
  return [...query].every(([name, text]) => {
    const wanted = text.toLowerCase()
    switch (name) {
      case 'name':
      case 'name.exact':
        return field('name') === wanted
      case 'type':
      case 'status':
        return field(name) === wanted
      case 'comment.startswith':
        return field('comment').startsWith(wanted)
      default:
        return true
    }
  })
}

function toSorted(items: readonly object[], query: URLSearchParams): readonly object[] {
  const order = query.get('order')
  if (order === null) return items
  const sign = query.get('direction') === 'desc' ? -1 : 1
  const key = (item: object): string => String(Reflect.get(item, order) ?? '')
  return items.toSorted((one, other) => sign * key(one).localeCompare(key(other)))
}
