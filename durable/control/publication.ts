import type * as z from 'zod'
import {
  SNAPSHOT_FORMAT,
  type SnapshotDocument,
  type SnapshotNews,
} from '../../src/schema/snapshot.ts'
import type { ControlEvent } from '../../src/state/control/event.ts'
import { needsKeyring } from '../../src/state/keyring.ts'
import { toPublished } from '../../src/state/traffic/leaving.ts'
import { SnapshotInput } from '../control-inputs.ts'
import type { Publication, PublicationMethods } from '../control-methods.ts'
import { method } from '../machine.ts'
import { publishSnapshot, readStanding } from '../snapshot-store.ts'
import { Nothing } from '../wire.ts'
import type { ControlShell, Facet } from './facet.ts'
import { readFormerShards } from './session-shards.ts'

/** What publication needs besides the shell. */
export interface PublicationDeps {
  readonly store: () => KVNamespace
  /** Looks after the keys that are published with it. */
  readonly tend: () => Promise<void>
}

/** The way of the snapshot to the edges: the store that all can read, and the answer to who asks. */
export function publicationFacet(
  shell: ControlShell,
  { store, tend }: PublicationDeps,
): Facet<PublicationMethods> {
  return {
    methods: {
      snapshot: method(SnapshotInput, (has) => news(shell, has)),
      republish: method(Nothing, async () => {
        await tend()
        return republish(shell, store())
      }),
    },
    run: (effect) => (effect.type === 'publish' ? publish(shell, store()) : undefined),
  }
}

function news(shell: ControlShell, has: z.output<typeof SnapshotInput>): SnapshotNews | null {
  if (shell.state().log.generation <= has.after) return null
  const document = toDocument(shell)
  if (document?.form !== has.form) return document ?? null
  const { config: _, ...update } = document
  return update
}

async function publish(shell: ControlShell, store: KVNamespace): Promise<ControlEvent> {
  const { generation } = shell.state().log
  const document = toDocument(shell)
  if (document === undefined) return { type: 'failed', generation }
  try {
    await publishSnapshot(store, document)
    return { type: 'published', generation }
  } catch (error) {
    console.error(`generation ${generation} was not published`, error)
    return { type: 'failed', generation }
  }
}

async function republish(shell: ControlShell, store: KVNamespace): Promise<Publication> {
  const standing = await readStanding(store)
  await shell.dispatch({ type: 'watch', standing })
  const { current: revision, generation, published, failures } = shell.state().log
  return { revision, generation, published, failures }
}

function toDocument(shell: ControlShell): SnapshotDocument | undefined {
  const { log, conditions, leaving, leavingSince, purges } = shell.state()
  const { current: revision, generation, generatedAtMs: publishedAtMs } = log
  const authored = shell.config()
  if (authored === undefined) return undefined
  const config = leavingSince === '' ? authored : toPublished(authored, leaving)
  const form = leavingSince === '' ? log.form : `${log.form}+${leavingSince}`
  const head = { format: SNAPSHOT_FORMAT, revision, form, generation, publishedAtMs } as const
  const formerShards = readFormerShards(shell.storage)
  return {
    ...head,
    config,
    conditions,
    // Always said: an edge that is told nothing of them keeps those that it knows.
    purges: purges.rows,
    ...(formerShards.length > 0 && { formerShards }),
    ...(needsKeyring(config) && { keyring: shell.keyring.list() }),
  }
}
