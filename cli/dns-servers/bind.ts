import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { emptyZone, type TsigKey } from './keys.ts'
import { type ServerProcess, startOnFreePort, startServer } from '../debian/server-process.ts'

/** A name server on loopback that takes dynamic updates (RFC 2136). */
export interface DnsServer extends ServerProcess {
  /** Of 127.0.0.1, for TCP and UDP. */
  readonly port: number
}

/** What a name server is to serve, and whose updates it takes. */
export interface DnsServerOptions {
  readonly zones: readonly string[]
  readonly keys: readonly TsigKey[]
  /** BIND: the lines of `update-policy`. Default: each key may change the records that this router keeps. */
  readonly updatePolicy?: readonly string[]
}

/** Starts BIND. */
export function startBind(options: DnsServerOptions): Promise<DnsServer> {
  return startOnFreePort(async (port) => {
    const server = await startServer({
      program: 'named',
      serving: / running$/m,
      async prepare(folder) {
        await writeFile(join(folder, 'named.conf'), toConfiguration(options, folder, port))
        const writes = options.zones.map((zone) =>
          writeFile(join(folder, `${zone}.zone`), emptyZone(zone)),
        )
        await Promise.all(writes)
        // In the foreground, logging to stderr, with one thread.
        return ['-g', '-n', '1', '-c', join(folder, 'named.conf')]
      },
    })
    return { ...server, port }
  })
}

function toConfiguration(options: DnsServerOptions, folder: string, port: number): string {
  const { zones, keys } = options
  const policy =
    options.updatePolicy ??
    keys.map(({ name }) => `grant ${name} zonesub A AAAA CNAME SRV TXT HTTPS;`)
  return [
    'options {',
    `  directory "${folder}";`,
    `  managed-keys-directory "${folder}";`,
    '  pid-file none;',
    '  session-keyfile none;',
    `  listen-on port ${port} { 127.0.0.1; };`,
    '  listen-on-v6 { none; };',
    '  recursion no;',
    '  dnssec-validation no;',
    '  notify no;',
    '  allow-transfer { none; };',
    '};',
    // Without it named opens port 953 for its control program.
    'controls { };',
    ...keys.map(
      ({ name, algorithm, secret }) =>
        `key "${name}" { algorithm ${algorithm}; secret "${secret}"; };`,
    ),
    ...zones.map(
      (zone) =>
        `zone "${zone}" { type primary; file "${zone}.zone"; update-policy { ${policy.join(' ')} }; };`,
    ),
    '',
  ].join('\n')
}
