import type { CompiledOrigin } from '../core/snapshot.ts'
import type { Outgoing } from './outgoing.ts'
import { send } from './send.ts'
import { within } from './within.ts'

/** What became of the copies of requests, since the isolate began. */
export interface MirrorCounts {
  sent: number
  failed: number
  /** Left out, since the body was streamed and could not be read twice. */
  skipped: number
}

/** Nothing mirrored yet. */
export function createMirrorCounts(): MirrorCounts {
  return { sent: 0, failed: 0, skipped: 0 }
}

/** The platform ends what goes on for more than 30 s after the answer. */
const TIMEOUT_MS = 25_000

/**
 * Sends a copy to an origin and throws its answer away. Never rejects, and never counts for or against the
 * health of the origin: nobody waits for it.
 */
export async function mirror(
  outgoing: Outgoing,
  origin: CompiledOrigin,
  counts: MirrorCounts,
): Promise<void> {
  if (!outgoing.replay.isKept) {
    counts.skipped += 1
    return
  }
  counts.sent += 1
  const controller = new AbortController()
  try {
    const sending = send(outgoing, origin, { signal: controller.signal, isWatched: false })
    const response = await within(TIMEOUT_MS, sending)
    await response.body?.cancel()
  } catch {
    counts.failed += 1
    controller.abort()
  }
}
