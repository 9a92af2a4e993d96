import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startChild } from './child.ts'
import { makeFolder } from './folder.ts'
import type { BenchOrigin } from './origins.ts'
import { freePorts, untilOpen } from './port.ts'

/** A process that listens and is measured. */
export interface Listener {
  readonly pid: number
  readonly port: number
  /** What its clients send beside what all send. */
  readonly headers?: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** nginx as a weighted proxy in one process, with the forwarding headers that its manual sets. */
export async function startNginx(
  origins: readonly BenchOrigin[],
  cores: string | undefined,
): Promise<Listener> {
  const folder = makeFolder('nginx')
  const file = join(folder, 'nginx.conf')
  const [port = 0] = await freePorts(1)
  const servers = origins.map(({ port: at, weight }) => `server 127.0.0.1:${at} weight=${weight};`)
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/log crit;
    events { worker_connections 4096; }
    http {
      access_log off; keepalive_requests 1000000000;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
      fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      upstream origins { ${servers.join(' ')} keepalive 256; keepalive_requests 1000000000; }
      server {
        listen 127.0.0.1:${port} backlog=4096;
        location / {
          proxy_pass http://origins; proxy_http_version 1.1; proxy_set_header Connection "";
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
          proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Host $host;
          proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Request-ID $request_id;
        }
      }
    }`,
  )
  const child = startChild(['nginx', '-p', folder, '-c', file, '-e', join(folder, 'log')], cores)
  await untilOpen([port], child)
  return { pid: child.pid, port, stop: () => child.stop() }
}

/** HAProxy as a weighted proxy with one thread, and the same forwarding headers. */
export async function startHaproxy(
  origins: readonly BenchOrigin[],
  cores: string | undefined,
): Promise<Listener> {
  const file = join(makeFolder('haproxy'), 'haproxy.cfg')
  const [port = 0] = await freePorts(1)
  const servers = origins.map(({ id, port: at, weight }) => {
    return `  server ${id} 127.0.0.1:${at} weight ${weight}`
  })
  writeFileSync(
    file,
    `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option http-keep-alive
  http-reuse always
frontend bench
  bind 127.0.0.1:${port}
  unique-id-format %{+X}o%ci:%cp_%fi:%fp_%Ts_%rt:%pid
  unique-id-header x-request-id
  option forwardfor
  http-request set-header x-forwarded-proto http
  http-request set-header x-forwarded-host %[req.hdr(host)]
  http-request set-header x-real-ip %[src]
  default_backend origins
backend origins
  balance roundrobin
${servers.join('\n')}
`,
  )
  const child = startChild(['haproxy', '-db', '-f', file], cores)
  await untilOpen([port], child)
  return { pid: child.pid, port, stop: () => child.stop() }
}
