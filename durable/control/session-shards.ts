import * as z from 'zod'
import type { FormerShards } from '../../src/schema/snapshot.ts'
import { keepFormerShards } from '../../src/state/session/former-shards.ts'
import type { AnyFacet, ControlShell } from './facet.ts'

/** Where they stand in the storage of the control object. */
const KEY = 'former-shards'

const Former = z.array(z.object({ shards: z.int(), untilMs: z.number() }))

/** The counts of session shards that were in force before, for who looks for a session of that time. */
export function readFormerShards({ kv }: DurableObjectStorage): readonly FormerShards[] {
  return Former.parse(kv.get(KEY) ?? [])
}

/** Remembers a count of shards when a revision brings another: in the transaction of the revision. */
export function sessionShardsFacet(shell: ControlShell): AnyFacet {
  return {
    write(effect) {
      if (effect.type !== 'store') return
      const former = readFormerShards(shell.storage)
      // Until the transaction ends, the configuration in force is the one before.
      const change = { before: shell.config(), after: effect.entry.config }
      const next = keepFormerShards(former, change, effect.createdAtMs)
      if (next !== former) shell.storage.kv.put(KEY, [...next])
    },
  }
}
