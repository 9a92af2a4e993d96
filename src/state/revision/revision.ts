import * as z from 'zod'
import type { Config } from '../../schema/config.ts'
import type { Actor } from '../../schema/deed.ts'
import { type Expectation, isMet } from './expectation.ts'
import type { Machine, Wake } from '../machine.ts'
import {
  holdPublication,
  newGeneration,
  publicationWakeAtMs,
  publishIfDue,
  settlePublication,
} from './publication.ts'

/** How many revisions are kept to look at and to go back to; older ones are deleted. */
export const REVISIONS_KEPT = 200

/** Where the log of revisions stands. The revisions themselves are rows beside it. */
export const RevisionLog = z.object({
  current: z.int().min(0).describe('The revision that holds now; 0 before the first.'),
  latest: z.int().min(0).describe('The highest number ever given out.'),
  oldest: z.int().min(1).describe('The oldest revision still kept.'),
  digest: z.string().describe('Names what the current revision says, as authored.'),
  form: z.string().describe('Names its canonical form, as this release of the Worker parses it.'),
  generation: z.int().min(0).describe('The highest generation ever given out.'),
  generatedAtMs: z.number().describe('When that was; never falls, whatever the clock does.'),
  published: z.int().min(0).describe('The highest generation known to stand in the store.'),
  publishedAtMs: z.number(),
  inFlight: z
    .object({ generation: z.int(), untilMs: z.number() })
    .nullable()
    .describe('The attempt to publish that is under way, and when it counts as lost.'),
  failures: z.int().min(0).describe('Failed attempts to publish since the last that did not.'),
  retryAtMs: z.number(),
})
export type RevisionLog = z.output<typeof RevisionLog>

/** A configuration about to become a revision, with who wrote it and why. */
export interface Entry {
  readonly digest: string
  readonly form: string
  readonly author: string
  readonly message: string
  /** Who applied it, for the audit log; absent when the machine did, which tells of it itself. */
  readonly actor?: Actor | undefined
  /** The document as JSON, as authored. */
  readonly text: string
  readonly config: Config
}

/** What the store of snapshots holds. */
export interface Standing {
  readonly revision: number
  readonly generation: number
}

/** What happens to the log. */
export type RevisionEvent =
  | { readonly type: 'put'; readonly entry: Entry; readonly expect?: Expectation | undefined }
  | {
      readonly type: 'rollback'
      readonly to: number
      /** Absent when that revision is not kept. */
      readonly entry: Entry | undefined
      readonly expect?: Expectation | undefined
    }
  /** A new process took over. `form`: of the current revision, absent when it no longer parses. */
  | { readonly type: 'start'; readonly form?: string | undefined; readonly standing?: Standing }
  | { readonly type: 'published' | 'failed'; readonly generation: number }
  /** Under the same revision the conditions are others. */
  | { readonly type: 'moved' }
  /** Someone looked at the store of snapshots. */
  | { readonly type: 'watch'; readonly standing: Standing }

/** What became of a change. */
export interface Answer {
  readonly outcome: 'accepted' | 'unchanged' | 'mismatch' | 'not-kept'
  readonly revision: number
  readonly generation: number
}

/** What is to be done after a step. */
export type RevisionEffect =
  | {
      readonly type: 'store'
      readonly revision: number
      readonly createdAtMs: number
      /** The revision that this one repeats. */
      readonly restores: number | undefined
      readonly entry: Entry
    }
  | { readonly type: 'prune'; readonly oldest: number }
  | { readonly type: 'answer'; readonly answer: Answer }
  /** Put the current revision, under the current generation, where every edge finds it. */
  | { readonly type: 'publish' }

type Step = readonly [RevisionLog, readonly RevisionEffect[]]

/**
 * The log of revisions. A change is answered at once and published as soon as the store takes it: until
 * then attempts follow each other with growing pauses. `store` and `prune` belong into one transaction
 * with the state; `publish` may be lost or repeated. Two publications of one generation are the same
 * document, and a later one never has a lower generation.
 */
export const revisionLog: Machine<RevisionLog, RevisionEvent, RevisionEffect> = {
  schema: RevisionLog,
  initial: {
    current: 0,
    latest: 0,
    oldest: 1,
    digest: '',
    form: '',
    generation: 0,
    generatedAtMs: 0,
    published: 0,
    publishedAtMs: 0,
    inFlight: null,
    failures: 0,
    retryAtMs: 0,
  },
  step,
  wakeAtMs: publicationWakeAtMs,
}

function step(state: RevisionLog, event: RevisionEvent | Wake, nowMs: number): Step {
  switch (event.type) {
    case 'put':
      return change(state, event, nowMs)
    case 'rollback': {
      const { entry } = event
      if (entry === undefined) return [state, [answer(state, 'not-kept')]]
      return change(state, { ...event, entry }, nowMs)
    }
    case 'start':
      return start(state, event, nowMs)
    case 'published':
    case 'failed':
      return publishIfDue(settlePublication(state, event, nowMs), nowMs)
    case 'watch':
      return publishIfDue(watch(state, event.standing, nowMs), nowMs)
    case 'moved':
      return state.current === 0 ? [state, []] : publishIfDue(newGeneration(state, nowMs), nowMs)
    case 'wake':
      return publishIfDue(state, nowMs)
  }
}

interface Change {
  readonly entry: Entry
  readonly expect?: Expectation | undefined
  readonly to?: number
}

function change(state: RevisionLog, { entry, expect, to }: Change, nowMs: number): Step {
  // A change that is already in force is not made twice, whatever it expects: its first answer may have
  // been lost, and nobody's work is overwritten (RFC 9110 §13.1.1 allows it).
  if (entry.digest === state.digest) return [state, [answer(state, 'unchanged')]]
  if (!isMet(expect, state.current)) return [state, [answer(state, 'mismatch')]]
  const revision = state.latest + 1
  const oldest = Math.max(state.oldest, revision - REVISIONS_KEPT + 1)
  const { digest, form } = entry
  const numbered = { ...state, current: revision, latest: revision, oldest, digest, form }
  const next = newGeneration(numbered, nowMs)
  const [published, publications] = publishIfDue(next, nowMs)
  const store = { type: 'store', revision, createdAtMs: nowMs, restores: to, entry } as const
  const prune = oldest > state.oldest ? ([{ type: 'prune', oldest }] as const) : []
  return [published, [store, ...prune, answer(next, 'accepted'), ...publications]]
}

function answer(state: RevisionLog, outcome: Answer['outcome']): RevisionEffect {
  const { current, generation } = state
  return { type: 'answer', answer: { outcome, revision: current, generation } }
}

function start(
  state: RevisionLog,
  { form, standing }: Extract<RevisionEvent, { type: 'start' }>,
  nowMs: number,
): Step {
  // No attempt of an earlier process reports back to this one.
  let next: RevisionLog = raise({ ...state, inFlight: null, retryAtMs: 0 }, standing)
  if (form !== undefined && form !== next.form) next = newGeneration({ ...next, form }, nowMs)
  return form === undefined ? [next, []] : publishIfDue(next, nowMs)
}

/** Numbers go on from what the store has seen: a log that lost its storage must not repeat them. */
function raise(state: RevisionLog, standing: Standing | undefined): RevisionLog {
  if (standing === undefined) return state
  const latest = Math.max(state.latest, standing.revision)
  const generation = Math.max(state.generation, standing.generation)
  return { ...state, latest, generation, oldest: state.current === 0 ? latest + 1 : state.oldest }
}

function watch(state: RevisionLog, standing: Standing, nowMs: number): RevisionLog {
  if (state.current === 0) return raise(state, standing)
  if (standing.generation > state.generation) return newGeneration(raise(state, standing), nowMs)
  if (standing.generation < state.published && !holdPublication(state, nowMs)) {
    return newGeneration(state, nowMs)
  }
  return state
}
