import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A resolver that is asked by DNS over HTTPS, in clear on loopback. */
export interface Resolver {
  readonly url: string
  /** What it was asked: media types and bytes. */
  readonly asked: { readonly type: string | undefined; readonly bytes: Uint8Array }[]
  close(): Promise<void>
}

/** What it answers: a message of DNS, or whatever else a web server may say. */
export interface ResolverReply {
  readonly status?: number
  readonly type?: string
  readonly body: Uint8Array
}

/** How it comes to its answer; never, when that never resolves. */
export type Resolve = (question: Uint8Array) => Promise<ResolverReply>

/** Starts a resolver. */
export async function startResolver(resolve: Resolve): Promise<Resolver> {
  const asked: Resolver['asked'] = []
  const server = createServer((request, response) => {
    void (async () => {
      const bytes = await readAll(request)
      asked.push({ type: request.headers['content-type'], bytes })
      const { status = 200, type = 'application/dns-message', body } = await resolve(bytes)
      response.writeHead(status, { 'content-type': type }).end(body)
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/dns-query`,
    asked,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Asks a real name server by UDP, and passes on what it says. */
export function resolveAt(port: number): Resolve {
  return async (question) => {
    const socket = createSocket('udp4')
    try {
      socket.send(question, port, '127.0.0.1')
      const [body] = (await once(socket, 'message')) as [Uint8Array]
      return { body }
    } finally {
      socket.close()
    }
  }
}

async function readAll(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}
