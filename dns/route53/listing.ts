import type { Asked } from '../provider.ts'
import type { Ask } from './api.ts'
import { fromName, fromXml, toName, type Standing } from './record-set.ts'
import { listOf, textOf, type XmlElement } from './xml.ts'

/** A zone as its API names it: an id for the paths, a name for the words. */
export interface HostedZone {
  readonly id: string
  readonly name: string
}

/** The most that one page holds, and the most pages that one reading turns. */
const LISTING = { items: '300', pages: 200 } as const

/**
 * All record sets of these names, of the types that we keep.
 *
 * A listing begins at a name and goes on in the order of the zone, so that one page answers for all names that lie
 * between its first and its last: a zone of some 300 record sets costs one request, however many names are asked.
 * That order is by labels from the last to the first, in ASCII. Names with escapes are not trusted to it, since it is
 * not written how those are compared: each of them is asked for by itself unless a page happens to hold it.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
 */
export async function listNames(
  ask: Ask,
  zone: HostedZone,
  names: readonly string[],
): Promise<Asked<readonly Standing[]>> {
  const found: Standing[] = []
  let open = inOrder([...new Set(names)])
  let start: Position | undefined
  for (let pages = 0; pages < LISTING.pages; pages += 1) {
    const [first] = open
    if (first === undefined) return { ok: true, value: found }
    const asked = await askPage(ask, zone, start ?? { name: toName(first) })
    if (!asked.ok) return asked
    const page = asked.value
    const isUnfinished = page.next !== undefined && fromName(page.next.name) === first
    start = isUnfinished ? page.next : undefined
    const answered = open.filter((name) =>
      name === first ? !isUnfinished : isIn(name, first, page),
    )
    const wanted = new Set([first, ...answered])
    found.push(...page.sets.filter(({ set }) => wanted.has(set.name)))
    open = open.filter((name) => !answered.includes(name))
  }
  const detail = `${listing(zone)}: its listing does not end`
  return { ok: false, failure: { kind: 'garbled', detail } }
}

/** Where a page begins. */
interface Position {
  readonly name: string
  readonly type?: string | undefined
  readonly identifier?: string | undefined
}

interface Page {
  /** Of all its record sets, also of those whose type we do not keep. */
  readonly names: readonly string[]
  readonly sets: readonly Standing[]
  readonly next?: Position
}

async function askPage(ask: Ask, zone: HostedZone, start: Position): Promise<Asked<Page>> {
  const { name, type, identifier } = start
  const answer = await ask({
    doing: listing(zone),
    path: `/hostedzone/${zone.id}/rrset`,
    query: {
      name,
      ...(type !== undefined && { type }),
      ...(identifier !== undefined && { identifier }),
      maxitems: LISTING.items,
    },
  })
  if (!answer.ok) return { ok: false, failure: answer.failure }
  const page = toPage(answer.value)
  if (page !== undefined) return { ok: true, value: page }
  const detail = `${listing(zone)}: the answer is no listing of record sets`
  return { ok: false, failure: { kind: 'garbled', detail } }
}

function toPage(root: XmlElement): Page | undefined {
  if (root.name !== 'ListResourceRecordSetsResponse') return undefined
  const elements = listOf(root, 'ResourceRecordSets')
  const names = elements.map((set) => fromName(textOf(set, 'Name') ?? ''))
  const sets = elements.flatMap((set) => fromXml(set) ?? [])
  if (textOf(root, 'IsTruncated') !== 'true') return { names, sets }
  const name = textOf(root, 'NextRecordName')
  const type = textOf(root, 'NextRecordType')
  const identifier = textOf(root, 'NextRecordIdentifier')
  return name === undefined ? undefined : { names, sets, next: { name, type, identifier } }
}

/** Whether a page that began at `first` answers for this name, be it with nothing. */
function isIn(name: string, first: string, { names, next }: Page): boolean {
  if (names.includes(name)) return next === undefined || fromName(next.name) !== name
  if (!isPlain(name) || !isPlain(first) || toOrder(name) < toOrder(first)) return false
  const last = names.findLast(isPlain)
  return next === undefined || (last !== undefined && toOrder(name) < toOrder(last))
}

/** Plain names as the zone has them in order; then the others, which a page of those may hold. */
function inOrder(names: readonly string[]): readonly string[] {
  const plain = names
    .filter(isPlain)
    .toSorted((one, other) => (toOrder(one) < toOrder(other) ? -1 : 1))
  return [...plain, ...names.filter((name) => !isPlain(name))]
}

/** Labels from the last to the first, each with its dot: `com.example.www.` */
function toOrder(name: string): string {
  return `${name.split('.').toReversed().join('.')}.`
}

function isPlain(name: string): boolean {
  return /^[a-z0-9_.-]+$/.test(name)
}

function listing(zone: HostedZone): string {
  return `listing the records of "${zone.name}"`
}
