import * as z from 'zod'
import { json } from './answer.ts'
import { type Operation, operation } from './operation.ts'
import { refuse } from './problem-details.ts'

const Said = z.strictObject({ status: z.enum(['live', 'ready', 'started']) })

/**
 * `/health/*` for whoever watches the router, and `/status` for who runs it. Made for one isolate: it
 * remembers that it was started once.
 */
export function createHealthOperations(): readonly Operation[] {
  let isStarted = false
  return [
    operation({
      ...toProbe('live'),
      summary: 'Says that the Worker runs',
      handle: () => json({ status: 'live' }),
    }),
    operation({
      ...toProbe('ready'),
      summary: 'Says whether this isolate has a snapshot to decide from',
      refusals: ['not-ready'],
      handle: ({ deps }) => (deps.snapshot() ? json({ status: 'ready' }) : refuseUnready()),
    }),
    operation({
      ...toProbe('startup'),
      summary: 'Says whether this isolate ever had a snapshot',
      refusals: ['not-ready'],
      handle({ deps }) {
        // Once is enough: a start that has happened does not unhappen when the snapshot goes.
        isStarted ||= deps.snapshot() !== undefined
        return isStarted ? json({ status: 'started' }) : refuseUnready()
      },
    }),
    operation({
      id: 'getStatus',
      method: 'GET',
      path: '/status',
      scope: 'read',
      summary: 'Tells what the isolate that answers knows of itself',
      answers: { 200: { description: 'Counters, for reading.', schema: z.looseObject({}) } },
      handle: ({ deps }) => json(deps.status()),
    }),
  ]
}

function toProbe(name: 'live' | 'ready' | 'startup') {
  const id = { live: 'isLive', ready: 'isReady', startup: 'isStarted' }[name]
  const answers = { 200: { description: 'Yes.', schema: Said } }
  return { id, method: 'GET', path: `/health/${name}`, scope: 'open', answers } as const
}

function refuseUnready(): Response {
  const detail = 'no configuration was applied yet, or none could be loaded'
  return refuse('not-ready', detail, { headers: { 'retry-after': '2' } })
}
