/** What kind of screen a client says it has: all that a key with `device` tells apart. */
export type Device = 'mobile' | 'tablet' | 'desktop'

/** What tells the origin so. No client says it itself. */
export const DEVICE_HEADER = 'portolan-device'

/** The patterns run more than once over a text, and nothing that matters stands behind this. */
const MOST_READ = 512

/** As the delivery networks have it (Cloudflare, "Cache by device type"): Android without "mobile" is a tablet. */
const TABLET = /ipad|playbook|tablet|kindle|(?:android|silk|meego|bb\d+)(?!.*mobile)/i
const MOBILE =
  /mobile|mobi\b|phone|ipod|blackberry|opera mini|windows ce|palm|docomo|kaios|avantgo/i

/** The device of a `User-Agent`; a desktop where there is none, or one that nobody knows. */
export function toDevice(userAgent: string | undefined): Device {
  if (userAgent === undefined) return 'desktop'
  const read = userAgent.slice(0, MOST_READ)
  if (TABLET.test(read)) return 'tablet'
  return MOBILE.test(read) ? 'mobile' : 'desktop'
}
