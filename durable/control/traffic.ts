import { trafficIn } from '../../src/state/control/state.ts'
import { toRampView } from '../../src/state/ramp/view.ts'
import { entryOf } from '../../src/state/traffic/state.ts'
import {
  pageOf,
  toConfirmation,
  toOriginView,
  toPoolView,
  toRampViews,
} from '../../src/state/traffic/view.ts'
import { method } from '../machine.ts'
import {
  HealthInput,
  type Page,
  PageInput,
  RampsInput,
  SubjectInput,
  type TrafficMethods,
} from '../traffic-methods.ts'
import { Nothing } from '../wire.ts'
import type { ControlShell, Facet } from './facet.ts'

/** How traffic stands, and what the objects of origins say of it. */
export type StandingMethods = Pick<
  TrafficMethods,
  'health' | 'origins' | 'origin' | 'pools' | 'pool' | 'ramps' | 'ramp' | 'confirmations'
>

/** Tells how traffic stands, and hears the objects of origins. */
export function trafficFacet(shell: ControlShell): Facet<StandingMethods> {
  const traffic = () => trafficIn(shell.state())
  return {
    methods: {
      health: method(HealthInput, ({ report }) => {
        // Heard as soon as it is stored: no object of an origin waits for a publication.
        shell.post({ type: 'health', report })
        return { generation: shell.state().log.generation }
      }),
      origins: method(PageInput, (page) => {
        const state = traffic()
        const ids = Object.keys(state.plan?.poolOf ?? {})
        return toPage(ids, page, (id) => toOriginView(state, id, Date.now()))
      }),
      origin: method(SubjectInput, ({ id }) => toOriginView(traffic(), id, Date.now()) ?? null),
      pools: method(PageInput, (page) => {
        const state = traffic()
        const ids = Object.keys(state.plan?.pools ?? {})
        return toPage(ids, page, (id) => toPoolView(state, id, Date.now()))
      }),
      pool: method(SubjectInput, ({ id }) => toPoolView(traffic(), id, Date.now()) ?? null),
      ramps: method(RampsInput, ({ use }) => {
        const items = toRampViews(traffic(), Date.now())
        return { items: use === undefined ? items : items.filter((ramp) => ramp.use === use) }
      }),
      ramp: method(SubjectInput, ({ id }) => {
        const ramp = entryOf(traffic().ramps, id)
        return ramp === undefined ? null : toRampView(ramp, Date.now())
      }),
      confirmations: method(Nothing, () => {
        const pending = Object.values(traffic().confirmations)
        return { items: pending.map(toConfirmation) }
      }),
    },
  }
}

function toPage<View>(
  ids: readonly string[],
  page: { readonly after?: string | undefined; readonly limit: number },
  view: (id: string) => View | undefined,
): Page<View> {
  const { ids: listed, ...rest } = pageOf(ids, page)
  return { items: listed.flatMap((id) => view(id) ?? []), ...rest }
}
