/** How many of the oldest are looked at when one has to go. */
const LOOKED_AT = 8

/** Entries by key, never more than so many. */
export interface BoundedTable<Entry> {
  readonly most: number
  readonly entries: Map<number, Entry>
  /** When it costs nothing to forget an entry. */
  readonly endOf: (entry: Entry) => number
}

/**
 * Puts an entry in its place. When the table is full, of a few old ones the one goes that is over, or will be
 * first; the others go to the end, so that next time it is the turn of others.
 */
export function putEntry<Entry>(table: BoundedTable<Entry>, key: number, entry: Entry): void {
  const { entries, most } = table
  if (entries.size >= most && !entries.has(key)) forgetOne(table)
  entries.set(key, entry)
}

function forgetOne<Entry>({ entries, endOf }: BoundedTable<Entry>): void {
  const oldest: [number, Entry][] = []
  for (const each of entries) {
    oldest.push(each)
    if (oldest.length === LOOKED_AT) break
  }
  const ends = oldest.map(([, entry]) => endOf(entry))
  const soonest = ends.indexOf(Math.min(...ends))
  for (const [at, [key, entry]] of oldest.entries()) {
    entries.delete(key)
    if (at !== soonest) entries.set(key, entry)
  }
}
