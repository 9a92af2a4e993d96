import type * as z from 'zod'
import type { RampSubject } from '../../src/schema/traffic.ts'
import type { ControlEffect, ControlEvent } from '../../src/state/control/event.ts'
import { isMet } from '../../src/state/revision/expectation.ts'
import { trafficIn } from '../../src/state/control/state.ts'
import { toRampView } from '../../src/state/ramp/view.ts'
import { withAuthoredWeights } from '../../src/state/traffic/authored.ts'
import { drainOf } from '../../src/state/traffic/drain-times.ts'
import type { Told } from '../../src/state/traffic/event.ts'
import { toConfirmation } from '../../src/state/traffic/view.ts'
import { readDraft } from '../draft.ts'
import { method } from '../machine.ts'
import {
  CommandInput,
  ConfirmInput,
  SetSheddingInput,
  SetStateInput,
  SetWeightsInput,
  StartShiftInput,
  type TrafficAnswer,
  type TrafficMethods,
} from '../traffic-methods.ts'
import type { ControlShell, Facet } from './facet.ts'
import { readAuthored } from './revisions.ts'

/** What operators do with traffic. */
export type MoveMethods = Pick<
  TrafficMethods,
  'setState' | 'setShedding' | 'setWeights' | 'startShift' | 'command' | 'confirm'
>

/** Takes what operators want of traffic; the machine judges it, this only words it. */
export function moveFacet(shell: ControlShell): Facet<MoveMethods> {
  return {
    methods: {
      setState: method(SetStateInput, async ({ dryRun, ...asked }) => {
        const answer = await move(shell, { type: 'set-state', ...asked }, dryRun)
        return withDrain(shell, asked.subject, answer)
      }),
      setShedding: method(SetSheddingInput, ({ dryRun, ...asked }) =>
        move(shell, { type: 'set-shedding', ...asked }, dryRun),
      ),
      setWeights: method(SetWeightsInput, (input) => setWeights(shell, input)),
      startShift: method(StartShiftInput, ({ dryRun, ...asked }) =>
        move(shell, { type: 'start-shift', ...asked }, dryRun),
      ),
      command: method(CommandInput, ({ dryRun, command, how, ...asked }) => {
        const told = command === 'abort' ? { type: command, how } : { type: command }
        return move(shell, { type: 'command', ...asked, command: told }, dryRun)
      }),
      confirm: method(ConfirmInput, ({ id, actor }) =>
        move(shell, { type: 'confirm', id, actor }, false),
      ),
    },
  }
}

type WeightsInput = z.output<typeof SetWeightsInput>

/**
 * Writing the document takes a moment, in which somebody else may make a revision: then it is written again, once,
 * into the newer one. Who named the revision to go on from learns that it is another.
 */
async function setWeights(shell: ControlShell, input: WeightsInput): Promise<TrafficAnswer> {
  const first = await writeWeights(shell, input)
  if (first.outcome !== 'mismatch' || !isMet(input.expect, first.revision)) return first
  const second = await writeWeights(shell, input)
  if (second.outcome !== 'mismatch' || !isMet(input.expect, second.revision)) return second
  return { outcome: 'conflict', detail: 'others are changing the configuration: ask again' }
}

async function writeWeights(
  shell: ControlShell,
  { dryRun, weights, ...asked }: WeightsInput,
): Promise<TrafficAnswer> {
  const { route } = asked
  const { current } = shell.state().log
  const known = shell.state().plan?.routes[route]?.weights ?? {}
  // A pool that is left out has none, and stays in the order for failover.
  const none = Object.fromEntries(Object.keys(known).map((pool) => [pool, 0]))
  const whole = { ...none, ...weights }
  const authored = withAuthoredWeights(readAuthored(shell, current), route, whole)
  if (authored === undefined) {
    return { outcome: 'not-found', detail: `there is no route "${route}" that steers by weights` }
  }
  const read = await readDraft(authored)
  if (!read.ok) {
    const [first] = read.problems
    return { outcome: 'conflict', detail: `${first?.path}: ${first?.message}` }
  }
  const entry = { ...read.draft, author: asked.actor.name, message: asked.reason }
  const written = { weights: whole, entry, base: current }
  return move(shell, { type: 'set-weights', ...asked, ...written }, dryRun)
}

/** Tells how long a drain that has begun lets clients stay. */
function withDrain(
  shell: ControlShell,
  subject: RampSubject,
  answer: TrafficAnswer,
): TrafficAnswer {
  if (!('generation' in answer) || answer.dryRun) return answer
  const drain = drainOf(trafficIn(shell.state()), subject)
  return drain === undefined ? answer : { ...answer, drain }
}

async function move(
  shell: ControlShell,
  event: ControlEvent,
  dryRun: boolean,
): Promise<TrafficAnswer> {
  const effects = dryRun ? shell.preview(event) : await shell.dispatch(event)
  return toAnswer(shell, toldIn(effects), dryRun)
}

function toldIn(effects: readonly ControlEffect[]): Told {
  for (const effect of effects) if (effect.type === 'told') return effect.told
  throw new Error('traffic gave no answer to an operator')
}

function toAnswer(shell: ControlShell, told: Told, dryRun: boolean): TrafficAnswer {
  const { current: revision, generation, published } = shell.state().log
  switch (told.outcome) {
    case 'refused':
    case 'not-found':
    case 'conflict':
      return told
    case 'mismatch':
      return { outcome: 'mismatch', revision }
    case 'done':
    case 'unchanged': {
      const { outcome, ramp, confirmation, overrode } = told
      return {
        outcome,
        dryRun,
        generation,
        published: !dryRun && published >= generation,
        revision,
        ...(ramp && { ramp: toRampView(ramp, Date.now()) }),
        ...(confirmation && { confirmation: toConfirmation(confirmation) }),
        overrode,
      }
    }
  }
}
