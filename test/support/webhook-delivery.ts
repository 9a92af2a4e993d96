import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, inject } from 'vitest'
import { bundleWorker } from '../../cli/bundle.ts'
import { type Runtime, startRuntime } from '../../cli/runtime.ts'
import type { Delivery, Message } from '../../src/schema/notice.ts'
import type { Address } from '../../src/schema/notification.ts'
import type { ReceivedMessage, Webhook } from './webhook.ts'

/** What an outbox would send when a region falls. */
export const message: Message = {
  id: 'mff0-1',
  source: 'portolan',
  action: 'trigger',
  severity: 'critical',
  title: 'pool us is down: 3 of 3 origins unhealthy since 12:00:03 UTC',
  text: '- origin us-1 is unhealthy: 2 of 3 regions, 3 in a row: connection refused <!channel> & more',
  dedupKey: 'portolan/pool:us',
  notices: [
    {
      id: 'n1',
      kind: 'health',
      severity: 'error',
      subject: { type: 'origin', id: 'us-1', pool: 'us' },
      title: 'origin us-1 is unhealthy',
      text: '2 of 3 regions, 3 in a row: connection refused',
      dedupKey: 'origin:us-1',
      resolves: false,
      atMs: 1_795_262_403_000,
    },
  ],
  omitted: 0,
  lost: 0,
  createdAtMs: 1_795_262_403_000,
}

/** A channel whose address is a secret. */
export function slackBy(secret: string): Address {
  return { type: 'slack', url: { secret } }
}

/** A service whose key is the secret PD_KEY. */
export function pagerDutyAt(url: string): Address {
  return { type: 'pagerduty', routingKey: { secret: 'PD_KEY' }, url }
}

/** A webhook, signed where there is a secret. */
export function webhookAt({ url }: Webhook, secret?: string): Address {
  return { type: 'webhook', url: `${url}/hook?team=1`, ...(secret !== undefined && { secret }) }
}

/** Makes one attempt; without a message a trial. */
export type Deliver = (address: Address, message?: Message) => Promise<Delivery>

/**
 * The shell of delivery in the real runtime: one for the tests of a file, each of which names the secrets that it has.
 * Called once a file, outside of any test.
 */
export function shareDelivery(): (secrets?: Readonly<Record<string, string>>) => Deliver {
  let runtime: Runtime
  beforeAll(async () => {
    const { deployment } = inject('builtWorker')
    runtime = await startRuntime({
      host: '127.0.0.1',
      port: 0,
      module: await bundleWorker(fileURLToPath(import.meta.resolve('./webhook-worker.ts'))),
      deployment: { ...deployment, durable_objects: { bindings: [] }, kv_namespaces: [] },
      bindings: {},
    })
  })
  afterAll(() => runtime?.dispose())
  return (secrets = {}) =>
    async (address, told) => {
      const body = JSON.stringify({ address, message: told, secrets })
      const response = await fetch(runtime.url, { method: 'POST', body })
      return await response.json()
    }
}

/** The way to verify that the documentation shows, taken from there. */
export async function documentedVerifier() {
  const text = readFileSync(new URL('../../docs/notifications.md', import.meta.url), 'utf8')
  const code = /```js\n([\s\S]*?)```/.exec(text)?.[1] ?? ''
  const loaded: unknown = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  return loaded as {
    readonly isGenuine: (
      request: Pick<ReceivedMessage, 'headers' | 'body'>,
      secret: string,
      nowMs?: number,
    ) => boolean
  }
}
