import { choose, type Env } from './balance.ts'

/** The naive balancer: the pass-through with the four forwarding headers that origins look for. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { host, pathname, search } = new URL(request.url)
    const { port } = choose(env.ORIGINS)
    const client = request.headers.get('cf-connecting-ip') ?? ''
    const outgoing = new Request(`http://127.0.0.1:${port}${pathname}${search}`, request)
    outgoing.headers.set('x-forwarded-for', client)
    outgoing.headers.set('x-forwarded-proto', 'https')
    outgoing.headers.set('x-forwarded-host', host)
    outgoing.headers.set('x-real-ip', client)
    return fetch(outgoing)
  },
}
