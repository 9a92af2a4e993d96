import { createControlClient } from '../durable/control-methods.ts'
import { createOriginClient } from '../durable/origin-methods.ts'
import { createProberClient } from '../durable/prober-methods.ts'
import { createSessionsClient } from '../durable/session-methods.ts'
import { createZoneClient } from '../durable/zone-methods.ts'
import { type Admin, createAdmin } from './admin/admin.ts'
import { lookAtCache } from './proxy/caching/look.ts'
import type { Isolate } from './proxy/isolate.ts'
import type { AdminDoor } from './proxy/serve.ts'
import { toStatus } from './proxy/status.ts'

/** A change may publish before it answers; the admin API waits that long for the control object. */
const ADMIN_TIMEOUT_MS = 15_000

/** A list asks up to a hundred of them at once, and goes without those that are slow. */
const ORIGIN_TIMEOUT_MS = 1000

/** The longest timeout that a monitor can have, and the way to its prober. */
const PROBER_TIMEOUT_MS = 65_000

/** A shard may have to ask former ones. */
const SESSIONS_TIMEOUT_MS = 2000

/** Makes what answers under the prefix of the router, in one isolate. */
export function createAdminDoor(isolate: Isolate): AdminDoor {
  let admin: Admin | undefined
  return ({ request, env }, prefix) => {
    admin ??= createAdmin({
      control: createControlClient(env, ADMIN_TIMEOUT_MS),
      origin: (id) => createOriginClient(env, id, ORIGIN_TIMEOUT_MS),
      sessions: (shard) => createSessionsClient(env, shard, SESSIONS_TIMEOUT_MS),
      zone: (name, timeoutMs) => createZoneClient(env, name, timeoutMs),
      prober: (name) => createProberClient(env, name, PROBER_TIMEOUT_MS),
      cache: {
        engine: isolate.cache,
        look: (question, snapshot) => lookAtCache(question, { isolate, snapshot, env }),
      },
      adminToken: env.PORTOLAN_ADMIN_TOKEN,
      failures: env.AUTH_FAILURES,
      snapshot: () => isolate.source.snapshot,
      status: () => toStatus(isolate, Date.now()),
    })
    return admin(request, prefix)
  }
}
