import { installParts, type Missing, type Part } from '../debian/install.ts'

/** The DNS servers that are run on this machine, and the tools that ask them; with Debian's packages of them. */
const PARTS = {
  powerdns: {
    programs: ['pdns_server'],
    packages: ['pdns-server', 'pdns-backend-sqlite3'],
    services: ['pdns.service'],
    file: '/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql',
  },
  bind: { programs: ['named'], packages: ['bind9'], services: ['named.service'] },
  knot: { programs: ['knotd'], packages: ['knot'], services: ['knot.service'] },
  tools: { programs: ['dig', 'nsupdate'], packages: ['bind9-dnsutils'] },
} as const satisfies Record<string, Part>

/** One of the DNS servers, or the tools that ask them. */
export type DnsPart = keyof typeof PARTS

/** Why a part cannot be used here, in words; a part that is there is not in it. */
export type MissingParts = Missing<DnsPart>

/** Sees to it that the DNS servers are here, and says what is not, and why. */
export function installDnsServers(say: (line: string) => void): Promise<MissingParts> {
  return installParts(PARTS, say)
}
