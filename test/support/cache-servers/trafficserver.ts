import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startOnFreePort, startServer } from '../../../cli/debian/server-process.ts'
import type { CacheServer } from './nginx.ts'

/** Starts Apache Traffic Server. It stores what says how long it is fresh, and nothing by heuristics. */
export function startTrafficServer(originPort: number): Promise<CacheServer> {
  return startOnFreePort(async (port) => {
    const server = await startServer({
      program: 'traffic_server',
      serving: /is fully initialized/,
      isPlainUser: true,
      async prepare(folder) {
        const folders = ['etc', 'run', 'log', 'cache', 'data']
        await Promise.all(folders.map((name) => mkdir(join(folder, name))))
        const files = Object.entries(toFiles(folder, port, originPort))
        await Promise.all(files.map(([name, text]) => writeFile(join(folder, name), text)))
        return [`--run-root=${join(folder, 'runroot.yaml')}`]
      },
    })
    return { ...server, url: `http://127.0.0.1:${port}` }
  })
}

function toFiles(
  folder: string,
  port: number,
  originPort: number,
): Readonly<Record<string, string>> {
  return {
    'runroot.yaml': toLayout(folder),
    'etc/records.config': toRecords(port),
    'etc/remap.config': `map / http://127.0.0.1:${originPort}/\n`,
    'etc/storage.config': `${folder}/cache 16M\n`,
    'etc/ip_allow.yaml':
      'ip_allow:\n  - { apply: in, ip_addrs: 127.0.0.1, action: allow, methods: ALL }\n',
  }
}

/** Where things are: what it writes in its own folder, the rest where the package has put it. */
function toLayout(folder: string): string {
  const own = { sysconfdir: 'etc', datadir: 'data', localstatedir: 'run', runtimedir: 'run' }
  const places = {
    prefix: folder,
    exec_prefix: '/usr',
    bindir: '/usr/bin',
    sbindir: '/usr/sbin',
    includedir: '/usr/include',
    libdir: '/usr/lib/trafficserver',
    libexecdir: '/usr/lib/trafficserver/modules',
    ...Object.fromEntries(Object.entries(own).map(([name, at]) => [name, join(folder, at)])),
    logdir: join(folder, 'log'),
    cachedir: join(folder, 'cache'),
  }
  return Object.entries(places)
    .map(([name, path]) => `${name}: ${path}\n`)
    .join('')
}

function toRecords(port: number): string {
  const numbers = {
    'exec_thread.autoconfig': 0,
    'exec_thread.limit': 1,
    accept_threads: 0,
    task_threads: 1,
    'cache.threads_per_disk': 1,
    'net.connections_throttle': 500,
    'http.keep_alive_no_activity_timeout_in': 600,
    'url_remap.pristine_host_hdr': 1,
    // Stored is only what says how long it is fresh.
    'http.cache.required_headers': 2,
    'log.logging_enabled': 0,
  }
  const texts = {
    'http.server_ports': `${port}:ip-in=127.0.0.1`,
    'admin.user_id': '#-1',
    'diags.output.note': 'E',
    'diags.output.warning': 'E',
    'diags.output.error': 'E',
  }
  return [
    ...Object.entries(numbers).map(([name, value]) => toLine(name, `INT ${value}`)),
    ...Object.entries(texts).map(([name, value]) => toLine(name, `STRING ${value}`)),
  ].join('')
}

function toLine(name: string, value: string): string {
  return `CONFIG proxy.config.${name} ${value}\n`
}
