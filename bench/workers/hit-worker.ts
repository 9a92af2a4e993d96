/** What a hit of a cache consists of. */
interface Env {
  readonly HEADERS: Record<string, string>
}

const BODY = 'x'.repeat(1024)

/** A constant that weighs as much as a hit: the same body, under as many headers. */
export default {
  fetch(_request: Request, env: Env): Response {
    return new Response(BODY, { headers: env.HEADERS })
  },
}
