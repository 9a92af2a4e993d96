import type * as z from 'zod'
import type { ControlEffect } from '../../src/state/control/event.ts'
import type { PurgeTold } from '../../src/state/control/purges.ts'
import { method } from '../machine.ts'
import { type PurgeAnswer, PurgeInput, type PurgeMethods } from '../purge-methods.ts'
import { Nothing } from '../wire.ts'
import type { ControlShell, Facet } from './facet.ts'

/** Takes purges of the edge cache; they travel with the snapshot. */
export function purgeFacet(shell: ControlShell): Facet<PurgeMethods> {
  return {
    methods: {
      purge: method(PurgeInput, (input) => purge(shell, input)),
      purges: method(Nothing, () => ({ items: shell.state().purges.rows.toReversed() })),
    },
  }
}

async function purge(
  shell: ControlShell,
  { dryRun, ...asked }: z.output<typeof PurgeInput>,
): Promise<PurgeAnswer> {
  const event = { type: 'purge', ...asked } as const
  const told = toldIn(dryRun ? shell.preview(event) : await shell.dispatch(event))
  if (told.outcome === 'no-configuration') return told
  const { generation, published } = shell.state().log
  return { ...told, dryRun, generation, published: !dryRun && published >= generation }
}

function toldIn(effects: readonly ControlEffect[]): PurgeTold {
  for (const effect of effects) if (effect.type === 'purged') return effect.purged
  throw new Error('nothing was said of a purge')
}
