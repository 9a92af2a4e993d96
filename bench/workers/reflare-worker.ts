import useReflare from 'reflare'
import type { Env } from './balance.ts'

type Reflare = Awaited<ReturnType<typeof useReflare>>

let reflare: Promise<Reflare> | undefined

/** reflare with the same weights. Set up once for the isolate: its README does so for every request, which is dearer. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    reflare ??= setUp(env)
    return (await reflare).handle(request)
  },
}

async function setUp({ ORIGINS }: Env): Promise<Reflare> {
  return useReflare({
    provider: 'static',
    routeList: [
      {
        path: '/*',
        loadBalancing: { policy: 'random' },
        upstream: ORIGINS.map(({ port, weight }) => ({
          domain: '127.0.0.1',
          protocol: 'http' as const,
          port,
          weight,
        })),
      },
    ],
  })
}
