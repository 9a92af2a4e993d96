import { fileURLToPath } from 'node:url'
import { startDemoOrigin } from './demo-origin.ts'
import type { DemoOrigin } from './demo-origin.ts'

/** The configuration that the demo runs with. */
export const DEMO_CONFIG = fileURLToPath(new URL('../examples/demo.jsonc', import.meta.url))

const CITIES = { 'us-1': 'Ashburn', 'eu-1': 'Frankfurt', 'ap-1': 'Singapore' } as const

/** Starts an origin in each of three regions, on the ports after `port` where those are free. */
export async function startDemo(port: number): Promise<DemoOrigin[]> {
  const identities = Object.entries(CITIES).map(([id, city]) => ({ id, city }))
  return Promise.all(
    identities.map((identity, at) => startDemoOrigin(identity, port === 0 ? 0 : port + 1 + at)),
  )
}
