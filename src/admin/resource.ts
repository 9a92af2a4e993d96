import type { Client } from '../../durable/client.ts'
import type { ControlMethods } from '../../durable/control-methods.ts'
import type { Snapshot } from '../core/snapshot.ts'

/** What the admin API stands on. */
export interface AdminDeps {
  readonly control: Client<ControlMethods>
  /** The secret `PORTOLAN_ADMIN_TOKEN`: without it the API is off. */
  readonly adminToken: string | undefined
  /** The snapshot that this isolate decides from. */
  readonly snapshot: () => Snapshot | undefined
  /** What this isolate knows of itself, as JSON. */
  readonly status: () => unknown
}

/** What Hono hands to a handler: where the API stands in this deployment. */
export interface AdminEnv {
  readonly Bindings: { readonly prefix: string }
}
