import type { Env } from '../../src/env.ts'
import type { Config } from '../../src/schema/config.ts'
import type { ControlEffect, ControlEvent } from '../../src/state/control/event.ts'
import type { ControlState } from '../../src/state/control/state.ts'
import type { MethodTable } from '../machine.ts'
import type { KeyringStore } from '../keyring-store.ts'
import type { RevisionStore } from '../revision-store.ts'
import type { MethodsOf } from '../wire.ts'

/** A revision in canonical form. */
export interface ParsedRevision {
  readonly revision: number
  readonly config: Config
}

/** What the control object is to its facets. Made before anything is loaded: use it inside methods only. */
export interface ControlShell {
  readonly env: Env
  /** The object's own storage. `transactionSync` makes several writes one. */
  readonly storage: DurableObjectStorage
  readonly revisions: RevisionStore
  /** What affinity cookies are signed with: beside the state, so that it goes nowhere by accident. */
  readonly keyring: KeyringStore
  /** All that the machine knows now. */
  state(): ControlState
  /** The configuration in force; undefined before the first, and when this release cannot read it. */
  config(): Config | undefined
  /** Steps the machine, commits state, rows and alarm as one, and resolves when the near effects have run. */
  dispatch(event: ControlEvent): Promise<readonly ControlEffect[]>
  /** As `dispatch`, for who does not wait for the effects. */
  post(event: ControlEvent): void
  /** What an event would lead to now. Changes nothing. */
  preview(event: ControlEvent): readonly ControlEffect[]
}

/**
 * One part of the control object: the methods it answers and the effects it carries out. A facet is made by
 * a function `(shell: ControlShell) => Facet<Methods>` in a file of its own in this folder, opens its tables
 * (`CREATE TABLE IF NOT EXISTS`) when it is made, and is named in `control.ts`; its methods are added to
 * `ControlMethods` in `control-methods.ts`, which types the client. No two facets have a method of one
 * name. Every effect is shown to every facet: each takes what is its own and leaves the rest.
 */
export interface Facet<Methods extends MethodsOf<Methods>> {
  readonly methods: MethodTable<Methods>
  /** Makes what an effect asks of the storage: in the transaction of the step, without I/O or await. */
  write?(effect: ControlEffect): void
  /**
   * Carries an effect out after the transaction and says what came of it. `undefined` instead of a promise:
   * not mine. Never rejects for reasons that can be expected.
   */
  run?(effect: ControlEffect): Promise<ControlEvent | undefined> | undefined
  /** As `run`, for what may be slow: neither an answer nor the alarm waits for it. */
  reach?(effect: ControlEffect): Promise<ControlEvent | undefined> | undefined
}

/** A facet whose methods do not matter. */
export type AnyFacet = Pick<Facet<never>, 'write' | 'run' | 'reach'>
