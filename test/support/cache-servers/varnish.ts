import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startOnFreePort, startServer } from '../../../cli/debian/server-process.ts'
import type { CacheServer } from './nginx.ts'

/**
 * Starts Varnish with its own rules, but without a lifetime of its own for answers that have none, and keeping what is
 * stale for ten minutes, so that it validates.
 */
export function startVarnish(originPort: number): Promise<CacheServer> {
  return startOnFreePort(async (port) => {
    const server = await startServer({
      program: 'varnishd',
      serving: /Child starts/,
      isPlainUser: true,
      async prepare(folder) {
        const rules = join(folder, 'rules.vcl')
        await writeFile(
          rules,
          `vcl 4.1;\nbackend default { .host = "127.0.0.1"; .port = "${originPort}"; }\n`,
        )
        const times = ['default_ttl=0', 'default_grace=0', 'default_keep=600', 'timeout_idle=600']
        const settings = [...times, 'thread_pools=1']
        const where = ['-n', join(folder, 'work'), '-a', `127.0.0.1:${port}`, '-s', 'malloc,16m']
        const how = ['-F', '-j', 'none', '-T', 'none', '-f', rules]
        return [...how, ...where, ...settings.flatMap((setting) => ['-p', setting])]
      },
    })
    return { ...server, url: `http://127.0.0.1:${port}` }
  })
}
