import { choose, type Env } from './balance.ts'

/** The naive pass-through: the request as it came, to one of the same origins. Nothing is added to it. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, search } = new URL(request.url)
    const { port } = choose(env.ORIGINS)
    return fetch(new Request(`http://127.0.0.1:${port}${pathname}${search}`, request))
  },
}
