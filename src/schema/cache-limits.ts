/**
 * Bounds of the edge cache. Nothing is kept longer than `life`, which is also how long a purge has to be
 * remembered. `objectBytes`: what the Cache API takes (Workers limits: 512 MB).
 */
export const CACHE_LIMITS = {
  life: '30d',
  lifeMs: 2_592_000_000,
  objectBytes: 536_870_912,
} as const
