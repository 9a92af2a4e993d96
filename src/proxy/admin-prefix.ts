import { Settings } from '../schema/config.ts'
import type { RequestUrl } from './request-url.ts'

/** How a router that has no configuration yet is reached: by the defaults. */
const DEFAULTS = Settings.parse({})

/** The prefix of the router itself, if a request stands under it and came for a host where it answers. */
export function adminPrefixOf(
  { host, path }: RequestUrl,
  { prefix, adminHost }: Settings = DEFAULTS,
): string | undefined {
  if (!path.startsWith(prefix)) return undefined
  const isBelow = path.length === prefix.length || path[prefix.length] === '/'
  return isBelow && (adminHost === undefined || adminHost === host) ? prefix : undefined
}
