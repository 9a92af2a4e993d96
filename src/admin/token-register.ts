import type { Called, Client } from '../../durable/client.ts'
import type { ControlMethods } from '../../durable/control-methods.ts'
import type { TokenRecord } from '../../durable/token-methods.ts'

/** How long this isolate goes by what it was told: a revoked token is out after so long. */
const REMEMBERED_MS = 10_000

/** How often tokens that are not known may make it ask again, however many of them come. */
const ASK_AGAIN_MS = 1000

/** How often one of them waits for that. */
const MOST_ROUNDS = 3

/** How long a use of a token is taken for one with the use before. */
const COARSE_MS = 60_000

/** The tokens there are, as this isolate knows them. */
export interface TokenRegister {
  /** A token by its id. An error when the control object has to be asked and cannot be. */
  find(id: string): Promise<Called<TokenRecord | undefined>>
  /** Notes that a token was used, at most once a minute. */
  touch(record: TokenRecord): Promise<void>
}

/**
 * Makes the register of an isolate. It holds all tokens at once (200 of them are 50 kB) and asks once a second
 * at most for those that it does not know: no flood of made-up ones reaches the control object, and one that was
 * made a moment ago, here or elsewhere, is recognised, though it may take that second.
 */
export function createTokenRegister(control: Client<ControlMethods>): TokenRegister {
  let records: ReadonlyMap<string, TokenRecord> = new Map()
  let knownSinceMs = -Infinity
  let askedAtMs = -Infinity
  const touchedAtMs = new Map<string, number>()

  async function load(): Promise<Called<unknown>> {
    // What is true now may be revoked before the answer comes: its age counts from the question.
    const nowMs = Date.now()
    askedAtMs = nowMs
    const called = await control.call('tokenRegister', {})
    if (!called.ok) return called
    records = new Map(called.value.items.map((record) => [record.id, record]))
    knownSinceMs = nowMs
    return called
  }

  return {
    async find(id) {
      const arrivedMs = Date.now()
      const isSettled = () =>
        knownSinceMs >= arrivedMs || (records.has(id) && arrivedMs - knownSinceMs < REMEMBERED_MS)
      for (let round = 0; !isSettled(); round += 1) {
        // One that is unknown waits for its turn to ask, or for what another one is told meanwhile.
        const isPatient = round < MOST_ROUNDS && !records.has(id)
        const pauseMs = isPatient ? askedAtMs + ASK_AGAIN_MS - Date.now() : 0
        if (pauseMs > 0) {
          await scheduler.wait(pauseMs)
        } else {
          const called = await load()
          if (!called.ok) return called
        }
      }
      return { ok: true, value: records.get(id) }
    },
    async touch({ id, lastUsedAtMs = 0 }) {
      const nowMs = Date.now()
      if (nowMs - Math.max(lastUsedAtMs, touchedAtMs.get(id) ?? 0) < COARSE_MS) return
      touchedAtMs.set(id, nowMs)
      // A use that is not noted is no reason to refuse it.
      await control.call('touchToken', { id })
    },
  }
}
