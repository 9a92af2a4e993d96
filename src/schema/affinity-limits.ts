/** Bounds of affinity. */
export const AFFINITY_LIMITS = { names: 8, dataBytes: 4096, keyCharacters: 1024 } as const
