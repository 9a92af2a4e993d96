import { installParts, type Missing, type Part } from '../../../cli/debian/install.ts'

/** The caches that ours is compared with, and Debian's packages of them. */
const PARTS = {
  nginx: { programs: ['nginx'], packages: ['nginx'], services: ['nginx.service'] },
  varnish: {
    // It compiles its configuration.
    programs: ['varnishd', 'cc'],
    packages: ['varnish'],
    services: ['varnish.service', 'varnishncsa.service'],
  },
  trafficserver: {
    programs: ['traffic_server'],
    packages: ['trafficserver'],
    services: ['trafficserver.service'],
  },
} as const satisfies Record<string, Part>

/** One of the caches that ours is compared with. */
export type CacheServerId = keyof typeof PARTS

/** Why a cache cannot be used here, in words; one that is there is not in it. */
export type MissingCaches = Missing<CacheServerId>

/** Sees to it that the caches are here, and says what is not, and why. */
export function installCacheServers(say: (line: string) => void): Promise<MissingCaches> {
  return installParts(PARTS, say)
}
