import type { Measure, ShareCounts } from '../../src/schema/report.ts'
import type { ControlEffect, ControlEvent } from '../../src/state/control/event.ts'
import { addShares } from '../../src/state/health/traffic.ts'
import { add } from '../../src/state/latency.ts'
import type { Entry } from '../../src/state/revision/revision.ts'
import { withAuthoredWeights } from '../../src/state/traffic/authored.ts'
import { readDraft } from '../draft.ts'
import { createOriginClient } from '../origin-methods.ts'
import { createProberClient } from '../prober-methods.ts'
import type { AnyFacet, ControlShell } from './facet.ts'
import { readAuthored } from './revisions.ts'

/** How long the objects of origins and the probers have for one answer. */
const TIMEOUT_MS = 4000

type EffectOf<Type extends ControlEffect['type']> = Extract<ControlEffect, { type: Type }>

/** What traffic asks of others, and of the revisions: nobody waits for any of it. */
export function outreachFacet(shell: ControlShell): AnyFacet {
  return {
    reach(effect) {
      if (effect.type === 'measure') return measure(shell, effect)
      if (effect.type === 'rouse') return rouse(shell, effect)
      if (effect.type === 'land') return land(shell, effect)
      return effect.type === 'revert' ? revert(shell, effect) : undefined
    },
  }
}

async function measure(
  shell: ControlShell,
  { ramp, sinceMs, subject, peers }: EffectOf<'measure'>,
): Promise<ControlEvent> {
  const [own, others] = await Promise.all([
    measureAll(shell, subject, sinceMs),
    measureAll(shell, peers, sinceMs),
  ])
  const [counts] = own.counts
  // Without some of what moves a failure could hide; without some of the peers there is less to compare with.
  if (own.missing !== undefined || counts === undefined) {
    return { type: 'unmeasured', ramp, why: own.missing ?? 'no origin to ask' }
  }
  return {
    type: 'measured',
    ramp,
    sinceMs,
    subject: sum(own.counts),
    ...(others.counts.length > 0 && { peers: sum(others.counts) }),
  }
}

interface Counted {
  readonly counts: readonly Measure[]
  /** Why some origin could not be asked, if so. */
  readonly missing: string | undefined
}

async function measureAll(
  { env }: ControlShell,
  origins: readonly string[],
  sinceMs: number,
): Promise<Counted> {
  const calls = await Promise.all(
    origins.map(async (origin) => ({
      origin,
      called: await createOriginClient(env, origin, TIMEOUT_MS).call('measure', {
        origin,
        sinceMs,
      }),
    })),
  )
  const missing = calls.flatMap(({ origin, called }) =>
    called.ok ? [] : [`the object of ${origin} did not answer: ${called.error.message}`],
  )
  return {
    counts: calls.flatMap(({ called }) => (called.ok ? [called.value] : [])),
    missing: missing[0],
  }
}

function sum(counts: readonly Measure[]): Measure {
  const nothing: Measure = { requests: 0, failures: 0, errors: 0, latencies: {} }
  return counts.reduce(
    (left, right) => ({
      requests: left.requests + right.requests,
      failures: left.failures + right.failures,
      errors: left.errors + right.errors,
      latencies: add(left.latencies, right.latencies),
      ...sharesOf(addShares(left.shares, right.shares)),
    }),
    nothing,
  )
}

function sharesOf(shares: ShareCounts | undefined) {
  return shares === undefined ? {} : { shares }
}

/** A prober that cannot be reached now hears of the revision from the cron, or asks for it itself. */
async function rouse(
  { env }: ControlShell,
  { revision, probers }: EffectOf<'rouse'>,
): Promise<undefined> {
  await Promise.all(
    probers.map((name) =>
      createProberClient(env, name, TIMEOUT_MS).call('rouse', { name, revision }),
    ),
  )
}

/** How often a document is written anew because another revision was made meanwhile. */
const LAND_ATTEMPTS = 3

async function land(
  shell: ControlShell,
  { ramp, route, weights, by }: EffectOf<'land'>,
): Promise<ControlEvent | undefined> {
  for (let attempt = 0; attempt < LAND_ATTEMPTS; attempt += 1) {
    const { current: base } = shell.state().log
    const authored = readAuthored(shell, base)
    const entry = await readEntry(withAuthoredWeights(authored, route, weights), {
      author: by,
      message: `${ramp} is done`,
    })
    // It is asked for again: until then the edges have the weights of the shift.
    if (entry === undefined) console.error(`${ramp} is done, and its weights make no revision`)
    if (entry === undefined) return undefined
    if (shell.state().log.current === base) return { type: 'land', ramp, entry, base }
  }
  return undefined
}

async function revert(
  shell: ControlShell,
  { id, from, to }: EffectOf<'revert'>,
): Promise<ControlEvent> {
  const entry = await readEntry(readAuthored(shell, to), {
    author: 'portolan',
    message: `${id} was not confirmed`,
  })
  return { type: 'revert', id, from, to, entry }
}

async function readEntry(
  authored: unknown,
  words: Pick<Entry, 'author' | 'message'>,
): Promise<Entry | undefined> {
  if (authored === undefined) return undefined
  const read = await readDraft(authored)
  return read.ok ? { ...read.draft, ...words } : undefined
}
