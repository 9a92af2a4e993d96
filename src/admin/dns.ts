import * as z from 'zod'
import { DnsReconciled, DnsReport, FreezeBody, RecordReport } from '../schema/dns-report.ts'
import { zonesIn } from '../schema/dns-zone.ts'
import { Flag } from '../schema/flag.ts'
import { Id } from '../schema/id.ts'
import { json } from './answer.ts'
import {
  type DnsPart,
  findDns,
  type Look,
  lookAt,
  reconcile,
  toStanding,
  toView,
  ZONE_TIMEOUTS_MS,
} from './dns-zones.ts'
import { SMALL_BODY } from './move.ts'
import { type Operation, operation } from './operation.ts'
import { refuse } from './problem-details.ts'
import { toActor } from './scope.ts'

const params = z.strictObject({ record: Id })

const ReconcileQuery = z.strictObject({
  dryRun: Flag.describe('Says what would be changed, and changes nothing.'),
  record: Id.optional().describe('Only its zone runs, and only what concerns it is told.'),
})

/** `/v1/dns`: records that follow health. */
export const dnsOperations: readonly Operation[] = [
  operation({
    id: 'listRecords',
    method: 'GET',
    path: '/v1/dns',
    scope: 'read',
    summary: 'Every record that follows health: what is wanted, what stands, and what holds it',
    answers: { 200: { description: 'Records, and their zones.', schema: DnsReport } },
    refusals: ['no-configuration'],
    async handle({ deps }) {
      const found = await findDns(deps)
      if (!found.ok) return found.refusal
      const looks = await lookAt(found.value, deps)
      const items = Object.entries(found.value.records).map((entry) => toView(entry, looks))
      return json({ items, zones: looks.map(toStanding) })
    },
  }),
  // Before that of one record, since what a path takes is said by the first that fits it.
  operation({
    id: 'reconcileRecords',
    method: 'POST',
    path: '/v1/dns/reconcile',
    scope: 'operate',
    summary: 'Compares records with what they should be and changes them, within their guards',
    description:
      'Waits for the runs of all zones, which happen at the same time, for at most 25 s; what takes longer goes on.',
    query: ReconcileQuery,
    answers: { 200: { description: 'By zone.', schema: DnsReconciled } },
    refusals: ['no-configuration', 'not-found'],
    async handle({ query: { dryRun, record: only }, deps }) {
      const found = await findDns(deps, only)
      if (!found.ok) return found.refusal
      return json(await reconcile(found.value, { dryRun, only }, deps))
    },
  }),
  operation({
    id: 'getRecord',
    method: 'GET',
    path: '/v1/dns/{record}',
    scope: 'read',
    summary: 'One record that follows health, and how the runs of its zone stand',
    params,
    answers: { 200: { description: 'The record.', schema: RecordReport } },
    refusals: ['no-configuration', 'not-found'],
    async handle({ params: { record: id }, deps }) {
      const found = await findDns(deps, id)
      if (!found.ok) return found.refusal
      return answer(found.value, await lookAt(found.value, deps))
    },
  }),
  operation({
    id: 'freezeRecord',
    method: 'PUT',
    path: '/v1/dns/{record}/freeze',
    scope: 'operate',
    summary: 'Keeps a record as it stands, or lets it follow health again',
    description: 'A freeze holds until it is taken back, through revisions and restarts.',
    params,
    body: { schema: FreezeBody, mostBytes: SMALL_BODY, problem: 'invalid-question' },
    answers: { 200: { description: 'It is so now, or was.', schema: RecordReport } },
    refusals: ['no-configuration', 'not-found', 'conflict', 'zone-unavailable'],
    async handle({ params: { record: id }, body, caller, deps }) {
      const found = await findDns(deps, id)
      if (!found.ok) return found.refusal
      const [zone] = zonesIn(found.value)
      if (zone === undefined) return refuse('conflict', `the record "${id}" has no provider yet`)
      const input = { zone, record: id, ...body, by: toActor(caller) }
      const called = await deps.zone(zone, ZONE_TIMEOUTS_MS.look).call('freeze', input)
      if (called.ok) return answer(found.value, [{ ...zone, view: called.value }])
      return refuse('zone-unavailable', called.error.message, { headers: { 'retry-after': '5' } })
    },
  }),
]

/** Of what is about one record. */
function answer({ records }: DnsPart, looks: readonly Look[]): Response {
  const [record] = Object.entries(records).map((entry) => toView(entry, looks))
  const [zone] = looks.map(toStanding)
  return json({ record, ...(zone && { zone }) })
}
