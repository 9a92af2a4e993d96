import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { DnsServer, DnsServerOptions } from './bind.ts'
import { type ServerProcess, startOnFreePort, startServer } from '../debian/server-process.ts'

/** PowerDNS on loopback, with its HTTP API. It takes dynamic updates (RFC 2136), too. */
export interface PowerDnsServer extends DnsServer {
  readonly apiUrl: string
  readonly apiKey: string
  /** Calls the API for this server: `call('GET', '/zones')`. Rejects when it is refused. */
  call(method: string, path: string, body?: unknown): Promise<unknown>
}

const SCHEMA = '/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql'

/** Starts PowerDNS with zones in SQLite. */
export async function startPowerDns(options: DnsServerOptions): Promise<PowerDnsServer> {
  const apiKey = randomBytes(16).toString('hex')
  const server = await startOnFreePort((apiPort) =>
    startOnFreePort(async (port) => {
      const process = await startProcess(port, apiPort, apiKey)
      return { ...process, port, apiPort }
    }),
  )
  const apiUrl = `http://127.0.0.1:${server.apiPort}`
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${apiUrl}/api/v1/servers/localhost${path}`, {
      method,
      headers: { 'X-API-Key': apiKey },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} is ${response.status}: ${text}`)
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  }
  const started: PowerDnsServer = { ...server, apiUrl, apiKey, call }
  await fill(started, options).catch(async (error: unknown) => {
    await server.stop()
    throw error
  })
  return started
}

function startProcess(port: number, apiPort: number, apiKey: string): Promise<ServerProcess> {
  return startServer({
    program: 'pdns_server',
    serving: /\[webserver\] Listening/,
    async prepare(folder) {
      const database = join(folder, 'zones.sqlite3')
      await createDatabase(database)
      await writeFile(
        join(folder, 'pdns.conf'),
        toLines({
          launch: 'gsqlite3',
          'gsqlite3-database': database,
          // Nothing in it is to outlive this process.
          'gsqlite3-pragma-synchronous': 0,
          'local-address': '127.0.0.1',
          'local-port': port,
          api: 'yes',
          'api-key': apiKey,
          webserver: 'yes',
          'webserver-address': '127.0.0.1',
          'webserver-port': apiPort,
          'webserver-allow-from': '127.0.0.1',
          'socket-dir': folder,
          dnsupdate: 'yes',
          'allow-dnsupdate-from': '127.0.0.1',
          // What was written is answered at once.
          'cache-ttl': 0,
          'query-cache-ttl': 0,
          'negquery-cache-ttl': 0,
          'zone-cache-refresh-interval': 0,
          // It would ask the network whether it is up to date.
          'security-poll-suffix': '',
          'receiver-threads': 1,
          'distributor-threads': 1,
          'retrieval-threads': 1,
        }),
      )
      return [`--config-dir=${folder}`, '--daemon=no', '--guardian=no', '--disable-syslog']
    },
  })
}

async function createDatabase(path: string): Promise<void> {
  const schema = await readFile(SCHEMA, 'utf8')
  const database = new DatabaseSync(path)
  database.exec(schema)
  database.close()
}

function toLines(settings: Readonly<Record<string, string | number>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

async function fill(server: PowerDnsServer, { zones, keys }: DnsServerOptions): Promise<void> {
  for (const { name, algorithm, secret } of keys) {
    await server.call('POST', '/tsigkeys', { name, algorithm, key: secret })
  }
  for (const zone of zones) {
    await server.call('POST', '/zones', {
      name: `${zone}.`,
      kind: 'Native',
      nameservers: [`ns1.${zone}.`],
      soa_edit_api: 'INCREASE',
      rrsets: [
        {
          name: `ns1.${zone}.`,
          type: 'A',
          ttl: 60,
          records: [{ content: '127.0.0.1', disabled: false }],
        },
      ],
    })
    if (keys.length === 0) continue
    await server.call('POST', `/zones/${zone}./metadata`, {
      kind: 'TSIG-ALLOW-DNSUPDATE',
      metadata: keys.map(({ name }) => name),
    })
  }
}
