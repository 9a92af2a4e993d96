import type { HeaderLines, Received } from './client.ts'
import { fromEdge, type Router } from './router.ts'

/** Who sends a burst, and to whom; 203.0.113.1 to shop.test unless told otherwise. */
export interface Sender {
  readonly headers?: HeaderLines
  readonly host?: string
}

/** Requests one after the other: their statuses. */
export async function burst(
  router: Router,
  count: number,
  { headers = fromEdge('203.0.113.1'), host = 'shop.test' }: Sender = {},
): Promise<number[]> {
  const statuses: number[] = []
  for (let at = 0; at < count; at += 1) {
    const got = await router.send(`http://${host}/`, { headers: [['Host', host], ...headers] })
    statuses.push(got.status)
  }
  return statuses
}

/** One request to a host from an address. */
export function ask(router: Router, host: string, ip: string): Promise<Received> {
  return router.send(`http://${host}/`, { headers: [['Host', host], ...fromEdge(ip)] })
}
