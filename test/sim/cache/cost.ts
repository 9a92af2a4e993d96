import type { Tally } from './world.ts'

/** Published prices of Workers Paid, in dollars (Cloudflare documentation, October 2026). */
const PRICES = {
  request: 0.3e-6,
  cpuMs: 0.02e-6,
  kvRead: 0.5e-6,
  kvWrite: 5e-6,
  objectRequest: 0.15e-6,
  /** Of one GB-second. */
  objectDuration: 12.5e-6,
} as const

/** What a call of a shield is billed for, while it waits for the origin: 128 MB for a fifth of a second. */
const SHIELD_GB_SECONDS = 0.128 * 0.2

/** CPU of one request: measured locally at well below this; the platform bills in whole milliseconds. */
const CPU_MS = 1

/** Dollars for a million requests of a trace. */
export interface Cost {
  readonly requests: number
  readonly kv: number
  readonly shield: number
}

/** What a million requests cost, beyond what the plan includes. */
export function costOf(tally: Tally): Cost {
  const perMillion = 1e6 / tally.requests
  const { kvReads, kvWrites, shieldCalls } = tally
  const shieldCall = PRICES.objectRequest + SHIELD_GB_SECONDS * PRICES.objectDuration
  return {
    requests: 1e6 * (PRICES.request + CPU_MS * PRICES.cpuMs),
    kv: perMillion * (kvReads * PRICES.kvRead + kvWrites * PRICES.kvWrite),
    shield: perMillion * shieldCalls * shieldCall,
  }
}
