import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { CLOUDFLARE_ERRORS as ERRORS, CloudflareError } from './error.ts'
import { type HeldRecord, type Plan, readRecord } from './record.ts'

/** A zone with its records. Each method throws what the API would answer. */
export interface HeldZone {
  readonly id: string
  readonly name: string
  readonly status: string
  /** In the order of their creation. */
  records(): readonly HeldRecord[]
  get(id: string): HeldRecord
  create(raw: unknown): HeldRecord
  /** PATCH: what is not said stays. */
  edit(id: string, raw: unknown): HeldRecord
  /** PUT: what is not said becomes its default. */
  overwrite(id: string, raw: unknown): HeldRecord
  remove(id: string): HeldRecord
  batch(raw: unknown): Readonly<Record<string, readonly HeldRecord[]>>
}

const Identified = z.looseObject({ id: z.string().max(32) })
const BatchBody = z.strictObject({
  deletes: z.array(Identified).default([]),
  patches: z.array(Identified).default([]),
  puts: z.array(Identified).default([]),
  posts: z.array(z.unknown()).default([]),
})

/** Makes an empty zone. */
export function makeZone(name: string, plan: Plan, status = 'active'): HeldZone {
  let held = new Map<string, HeldRecord>()
  const get = (id: string): HeldRecord => {
    const record = held.get(id)
    if (record === undefined) throw new CloudflareError(ERRORS.noRecord)
    return record
  }
  const place = (id: string, raw: unknown): HeldRecord => {
    const record = { id, ...readRecord(raw, name, plan) }
    checkNeighbours(
      record,
      [...held.values()].filter((other) => other.id !== id),
    )
    held.set(id, record)
    return record
  }
  const create = (raw: unknown): HeldRecord => {
    if (held.size >= plan.mostRecords) throw new CloudflareError(ERRORS.quota)
    return place(toId(), raw)
  }
  const edit = (id: string, raw: unknown): HeldRecord => {
    const { id: _, content, data, priority, ...rest } = get(id)
    const change = z.looseObject({ type: z.string().optional() }).parse(raw)
    const isOther = change.type !== undefined && change.type !== rest.type
    const own =
      data === undefined ? { content, ...(priority !== undefined && { priority }) } : { data }
    return place(id, { ...rest, ...(!isOther && own), ...change })
  }
  const overwrite = (id: string, raw: unknown): HeldRecord => {
    get(id)
    return place(id, raw)
  }
  const remove = (id: string): HeldRecord => {
    const record = get(id)
    held.delete(id)
    return record
  }
  /**
   * developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes: always deletes, patches, puts,
   * posts, each list in its order; "If any of the individual action fails, no changes are applied and the API
   * returns the first error it encountered."
   */
  const batch: HeldZone['batch'] = (raw) => {
    const body = BatchBody.safeParse(raw)
    if (!body.success) throw wrongBatch(z.prettifyError(body.error))
    const { deletes, patches, puts, posts } = body.data
    const size = deletes.length + patches.length + puts.length + posts.length
    if (size === 0 || size > plan.largestBatch) throw wrongBatch(`a batch of ${size} records`)
    const before = new Map(held)
    try {
      return {
        deletes: deletes.map(({ id }) => remove(id)),
        patches: patches.map((patch) => edit(patch.id, patch)),
        puts: puts.map((put) => overwrite(put.id, put)),
        posts: posts.map(create),
      }
    } catch (error) {
      held = before
      throw error
    }
  }
  const records = (): readonly HeldRecord[] => [...held.values()]
  return { id: toId(), name, status, records, get, create, edit, overwrite, remove, batch }
}

/**
 * developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name, and the reference of
 * "Create DNS Record": "A/AAAA records cannot exist on the same name as CNAME records. NS records cannot exist on
 * the same name as any other record type."
 */
function checkNeighbours(record: HeldRecord, others: readonly HeldRecord[]): void {
  const neighbours = others.filter(({ name }) => name === record.name)
  const types = new Set(neighbours.map(({ type }) => type))
  const isAddress = record.type === 'A' || record.type === 'AAAA'
  if (record.type !== 'NS' && types.has('NS')) throw new CloudflareError(ERRORS.nsThere)
  if (isAddress && types.has('CNAME')) throw new CloudflareError(ERRORS.cnameThere)
  if (record.type === 'CNAME' && ['A', 'AAAA', 'CNAME'].some((type) => types.has(type))) {
    throw new CloudflareError(ERRORS.addressThere)
  }
  const same = neighbours.filter(({ type }) => type === record.type)
  const isTwin = same.some(
    ({ content, priority }) => content === record.content && priority === record.priority,
  )
  if (isTwin) throw new CloudflareError(ERRORS.identical)
  // .../reference/dns-record-types: several records of a name and type have at most 8,192 characters together.
  const length = [record, ...same].reduce((sum, { content }) => sum + content.length, 0)
  if (length > 8192) throw wrongBatch('the records of this name and type are too long together')
}

/** An identifier of the API: 32 hexadecimal digits. */
function toId(): string {
  return randomBytes(16).toString('hex')
}

function wrongBatch(message: string): CloudflareError {
  return new CloudflareError(ERRORS.wrongRecord, { code: 9101, message })
}
