import type { Settings } from '../schema/config.ts'
import DEFAULTS from '../schema/defaults.json' with { type: 'json' }
import type { RequestUrl } from './request-url.ts'

/**
 * The prefix of the router itself, if a request stands under it and came for a host where it answers. A router that has
 * no configuration yet is reached by the defaults.
 */
export function adminPrefixOf(
  { host, path }: RequestUrl,
  { prefix, adminHost }: Pick<Settings, 'prefix' | 'adminHost'> = DEFAULTS.settings,
): string | undefined {
  if (!path.startsWith(prefix)) return undefined
  const isBelow = path.length === prefix.length || path[prefix.length] === '/'
  return isBelow && (adminHost === undefined || adminHost === host) ? prefix : undefined
}
