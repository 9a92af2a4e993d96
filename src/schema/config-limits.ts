/** Bounds of a configuration. Origins: what one decision can order; bytes: what one revision may weigh. */
export const CONFIG_LIMITS = {
  bytes: 8_388_608,
  pools: 1000,
  origins: 5000,
  routes: 10_000,
  monitors: 500,
  ramps: 100,
} as const
