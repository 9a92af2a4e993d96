/** Stands in for a KV namespace behind workerd's binding: `GET`, `PUT` and `DELETE` of `/key`, kept in memory. */

interface Entry {
  readonly value: ArrayBuffer
  readonly metadata: string | null
}

const entries = new Map<string, Entry>()

export default {
  async fetch(request: Request): Promise<Response> {
    const key = decodeURIComponent(new URL(request.url).pathname.slice(1))
    switch (request.method) {
      case 'PUT': {
        const metadata = request.headers.get('cf-kv-metadata')
        entries.set(key, { value: await request.arrayBuffer(), metadata })
        return new Response()
      }
      case 'DELETE':
        entries.delete(key)
        return new Response()
      case 'GET':
        return get(key)
      default:
        return new Response('this stand-in knows single keys only', { status: 501 })
    }
  },
}

function get(key: string): Response {
  const entry = entries.get(key)
  if (!entry) return new Response('not found', { status: 404 })
  const headers = entry.metadata === null ? undefined : { 'cf-kv-metadata': entry.metadata }
  return new Response(entry.value, { ...(headers && { headers }) })
}
