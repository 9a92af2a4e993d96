/**
 * The bindings of wrangler.toml and the settings a deployment may add. Nothing else names them.
 * `PORTOLAN_ADMIN_TOKEN` is a secret: without it the admin API is off. `PORTOLAN_LOCAL` is set by
 * `npm start` alone and lets a request header stand for what the edge would know.
 */
export interface Env {
  readonly CONTROL: DurableObjectNamespace
  readonly ORIGIN: DurableObjectNamespace
  readonly PROBER: DurableObjectNamespace
  readonly SESSIONS: DurableObjectNamespace
  readonly LIMITER: DurableObjectNamespace
  readonly ZONES: DurableObjectNamespace
  readonly SHIELD: DurableObjectNamespace
  readonly SNAPSHOTS: KVNamespace
  readonly CACHE: KVNamespace
  readonly AUTH_FAILURES: RateLimit
  readonly PORTOLAN_ADMIN_TOKEN?: string
  readonly PORTOLAN_LOCAL?: string
}

/** The key in `SNAPSHOTS` under which the published `SnapshotDocument` stands, as JSON. */
export const SNAPSHOT_KEY = 'snapshot'
