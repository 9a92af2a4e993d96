import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startChild, versionOf } from './child.ts'
import { makeFolder } from './folder.ts'
import { freePorts, untilOpen } from './port.ts'

/** One of the origins that every contestant balances over. */
export interface BenchOrigin {
  readonly id: string
  readonly port: number
  readonly weight: number
}

/** The origins, and who plays them. */
export interface BenchOrigins {
  readonly origins: readonly BenchOrigin[]
  readonly name: string
  stop(): Promise<void>
}

const WEIGHTS = [5, 3, 2]
const BODY = 'x'.repeat(1024)

/** Where origins do not say how long their answer is. */
export const CHUNKED_PATH = '/chunked'

/** Where their answers may be kept for a day, and where by nobody. */
export const PUBLIC_PATH = '/public'
export const PRIVATE_PATH = '/private'
/** As the first, with `Vary: Accept-Encoding`. */
export const VARYING_PATH = '/varying'

const CACHE_CONTROL: Readonly<Record<string, string>> = {
  [PUBLIC_PATH]: 'public, max-age=86400',
  [VARYING_PATH]: 'public, max-age=86400',
  [PRIVATE_PATH]: 'private',
}

/** Three origins that answer 1 KiB: nginx where installed, because it is the least work beside what is measured. */
export async function startOrigins(cores: string | undefined): Promise<BenchOrigins> {
  const version = versionOf('nginx', '-v')
  return version === undefined ? startNodeOrigins() : startNginxOrigins(version, cores)
}

async function startNginxOrigins(
  version: string,
  cores: string | undefined,
): Promise<BenchOrigins> {
  const folder = makeFolder('origins')
  const ports = await freePorts(WEIGHTS.length)
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, nginxConfig(folder, ports))
  const child = startChild(['nginx', '-p', folder, '-c', file, '-e', join(folder, 'log')], cores)
  await untilOpen(ports, child)
  return { origins: toOrigins(ports), name: version, stop: () => child.stop() }
}

function nginxConfig(folder: string, ports: readonly number[]): string {
  const servers = ports.map(
    (port) => `server { listen 127.0.0.1:${port} backlog=4096;
      default_type text/plain; add_header cache-control $kept;
      location / { return 200 "${BODY}"; }
      location ${VARYING_PATH} { add_header cache-control $kept; add_header vary accept-encoding; return 200 "${BODY}"; }
      location ${CHUNKED_PATH} { sub_filter_types *; sub_filter "y" "z"; return 200 "${BODY}"; } }`,
  )
  const kept = Object.entries(CACHE_CONTROL).map(([path, value]) => `${path} "${value}";`)
  // Connections stay: opening them anew would be counted against whoever proxies.
  return `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/log crit;
    events { worker_connections 4096; }
    http {
      access_log off; keepalive_requests 1000000000; keepalive_timeout 1h;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
      fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      map $uri $kept { default no-cache; ${kept.join(' ')} }
      ${servers.join('\n')}
    }`
}

async function startNodeOrigins(): Promise<BenchOrigins> {
  const servers = WEIGHTS.map(() =>
    createServer({ keepAliveTimeout: 0 }, (request, response) => {
      request.resume()
      if (request.url === VARYING_PATH) response.setHeader('vary', 'accept-encoding')
      const cacheControl = CACHE_CONTROL[request.url ?? ''] ?? 'no-cache'
      response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': cacheControl })
      if (request.url?.startsWith(CHUNKED_PATH) === true) response.flushHeaders()
      response.end(BODY)
    }).listen(0, '127.0.0.1'),
  )
  await Promise.all(servers.map((server) => once(server, 'listening')))
  return {
    origins: toOrigins(servers.map((server) => (server.address() as AddressInfo).port)),
    name: `node ${process.version} (nginx is not installed)`,
    async stop() {
      for (const server of servers) server.close().closeAllConnections()
    },
  }
}

function toOrigins(ports: readonly number[]): BenchOrigin[] {
  return ports.map((port, at) => ({ id: `origin-${at + 1}`, port, weight: WEIGHTS[at] ?? 1 }))
}
