import type { Client } from '../../durable/client.ts'
import type { ControlMethods } from '../../durable/control-methods.ts'
import type { OriginMethods } from '../../durable/origin-methods.ts'
import type { ProberMethods } from '../../durable/prober-methods.ts'
import type { SessionMethods } from '../../durable/session-methods.ts'
import type { ZoneMethods } from '../../durable/zone-methods.ts'
import type { CacheView } from '../cache/view.ts'
import type { Snapshot } from '../core/snapshot.ts'
import type { ZoneName } from '../schema/dns-zone.ts'
import type { ProberName } from '../schema/probe-plan.ts'

/** What the admin API stands on. */
export interface AdminDeps {
  readonly control: Client<ControlMethods>
  /** The object of one origin. */
  readonly origin: (id: string) => Client<OriginMethods>
  readonly prober: (name: ProberName) => Client<ProberMethods>
  /** One shard of the sessions. */
  readonly sessions: (shard: number) => Client<SessionMethods>
  /** The object of one zone of DNS failover. A run takes longer than a look. */
  readonly zone: (name: ZoneName, timeoutMs: number) => Client<ZoneMethods>
  /** The edge cache, as the isolate that answers sees it. */
  readonly cache: CacheView
  /** The secret `PORTOLAN_ADMIN_TOKEN`: without it the API is off. */
  readonly adminToken: string | undefined
  /** Counts failed attempts to authenticate, by address. */
  readonly failures: RateLimit
  /** The snapshot that this isolate decides from. */
  readonly snapshot: () => Snapshot | undefined
  /** What this isolate knows of itself, as JSON. */
  readonly status: () => unknown
}
