import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DnsServer, DnsServerOptions } from './bind.ts'
import { emptyZone } from './keys.ts'
import { startOnFreePort, startServer } from '../debian/server-process.ts'

/** What Knot is to serve, and which names its keys may change. */
export interface KnotOptions extends DnsServerOptions {
  /** Relative to the zone. Default: all names. */
  readonly updateOwners?: readonly string[]
}

/** Starts Knot DNS. */
export function startKnot(options: KnotOptions): Promise<DnsServer> {
  return startOnFreePort(async (port) => {
    const server = await startServer({
      program: 'knotd',
      serving: /server started/,
      async prepare(folder) {
        await writeFile(join(folder, 'knot.conf'), toConfiguration(options, folder, port))
        const writes = options.zones.map((zone) =>
          writeFile(join(folder, `${zone}.zone`), emptyZone(zone)),
        )
        await Promise.all(writes)
        return ['-c', join(folder, 'knot.conf')]
      },
    })
    return { ...server, port }
  })
}

function toConfiguration(options: KnotOptions, folder: string, port: number): string {
  const { zones, keys, updateOwners } = options
  const owners = updateOwners && [
    'owner: name',
    'owner-match: equal',
    `owner-name: [${updateOwners.join(', ')}]`,
  ]
  return [
    'server:',
    `    rundir: ${folder}`,
    `    listen: 127.0.0.1@${port}`,
    '    udp-workers: 1',
    '    tcp-workers: 1',
    '    background-workers: 1',
    'log:',
    '  - target: stderr',
    '    any: info',
    'database:',
    `    storage: ${folder}`,
    // It sets that much aside when it starts; the default is for thousands of zones.
    '    journal-db-max-size: 16M',
    '    kasp-db-max-size: 5M',
    '    timer-db-max-size: 5M',
    '    catalog-db-max-size: 5M',
    'key:',
    ...keys.flatMap(({ name, algorithm, secret }) => [
      `  - id: ${name}`,
      `    algorithm: ${algorithm}`,
      `    secret: ${secret}`,
    ]),
    'acl:',
    '  - id: update',
    // Without a key nobody may: it has no list of none.
    keys.length > 0 ? `    key: [${keys.map(({ name }) => name).join(', ')}]` : '    deny: on',
    '    action: update',
    ...(owners ?? []).map((line) => `    update-${line}`),
    'template:',
    '  - id: default',
    `    storage: ${folder}`,
    '    file: "%s.zone"',
    '    semantic-checks: on',
    // Changes stay in the journal.
    '    zonefile-sync: -1',
    '    zonefile-load: difference',
    '    acl: update',
    'zone:',
    ...zones.map((zone) => `  - domain: ${zone}`),
    '',
  ].join('\n')
}
