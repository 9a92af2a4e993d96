import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ServerProcess,
  startOnFreePort,
  startServer,
} from '../../../cli/debian/server-process.ts'

/** A cache on loopback in front of one origin. */
export interface CacheServer extends ServerProcess {
  readonly url: string
}

/** Starts NGINX. It validates what is stale, and does what `stale-while-revalidate` and `stale-if-error` say. */
export function startNginx(originPort: number): Promise<CacheServer> {
  return startOnFreePort(async (port) => {
    const server = await startServer({
      program: 'nginx',
      serving: /getrlimit/,
      isPlainUser: true,
      async prepare(folder) {
        await writeFile(join(folder, 'nginx.conf'), toConfiguration(folder, port, originPort))
        return ['-e', 'stderr', '-c', join(folder, 'nginx.conf')]
      },
    })
    return { ...server, url: `http://127.0.0.1:${port}` }
  })
}

function toConfiguration(folder: string, port: number, originPort: number): string {
  const parts = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return [
    'daemon off;',
    // One process: nothing is left when it is killed.
    'master_process off;',
    'error_log stderr notice;',
    `pid ${folder}/pid;`,
    'events { worker_connections 256; }',
    'http {',
    '  access_log off;',
    // A connection that ends while a client begins to use it again would be a failure.
    '  keepalive_timeout 600s;',
    '  keepalive_requests 100000;',
    ...parts.map((part) => `  ${part}_temp_path ${folder}/${part};`),
    `  proxy_cache_path ${folder}/cache keys_zone=all:1m use_temp_path=off;`,
    `  server {`,
    `    listen 127.0.0.1:${port};`,
    '    location / {',
    `      proxy_pass http://127.0.0.1:${originPort};`,
    '      proxy_http_version 1.1;',
    '      proxy_set_header Connection "";',
    '      proxy_cache all;',
    '      proxy_cache_revalidate on;',
    '      proxy_cache_background_update on;',
    '    }',
    '  }',
    '}',
    '',
  ].join('\n')
}
