import type { Machine } from '../src/state/machine.ts'

/** The part of a machine that says how its state is stored. */
export type Stored<State> = Pick<
  Machine<State, never, never>,
  'schema' | 'initial' | 'tables' | 'volatile' | 'heir'
>

/** Where a machine's state is kept. All of it is synchronous, so that it can be part of a transaction. */
export interface StateStore<State> {
  /** The state as it was last saved; throws when this release cannot read it. */
  load(): State
  /** Writes what differs from `before`, told by reference. */
  save(before: State, next: State): void
}

/** The one key under which a release before this one kept a whole state. */
const WHOLE = 'machine'
const FIELD = 'field/'
const ENTRY = 'entry/'

type Fields = Readonly<Record<string, unknown>>

/**
 * Opens the store of a state in an object's own storage: `field/<name>` for each field,
 * `entry/<name>/<id>` for each entry of a field that is a table, nothing for a volatile one. A value is
 * at most 2 MB (Durable Object limits): what grows with the configuration is a table.
 */
export function openStateStore<State extends object>(
  storage: DurableObjectStorage,
  stored: Stored<State>,
): StateStore<State> {
  const { kv } = storage
  const tables = new Set<string>(stored.tables)
  const volatile = new Set<string>(stored.volatile)
  const names = Object.keys(stored.initial).filter((name) => !volatile.has(name))
  return {
    load() {
      moveWhole(storage, { tables, heir: stored.heir })
      const found: [string, unknown][] = []
      for (const name of names) {
        const value = tables.has(name) ? readTable(kv, name) : kv.get(FIELD + name)
        if (value !== undefined) found.push([name, value])
      }
      // Fields that were never stored are as in the beginning; those of a later release are left alone. Its entries
      // may say more than this one knows: schemas of states are not strict.
      if (found.length === 0) return stored.initial
      const parsed = stored.schema.safeParse({ ...stored.initial, ...Object.fromEntries(found) })
      if (parsed.success) return parsed.data
      const [{ path, message } = { path: [], message: '' }] = parsed.error.issues
      const detail = `its state cannot be read by this release: ${path.join('.')}: ${message}`
      throw new Error(detail, { cause: parsed.error })
    },
    save(before, next) {
      if (before === next) return
      const [from, to] = [toFields(before), toFields(next)]
      for (const name of names) {
        if (from[name] === to[name]) continue
        if (tables.has(name)) saveTable(kv, name, [toFields(from[name]), toFields(to[name])])
        else if (to[name] === undefined) kv.delete(FIELD + name)
        else kv.put(FIELD + name, to[name])
      }
    },
  }
}

function readTable(kv: SyncKvStorage, name: string): Fields | undefined {
  const prefix = `${ENTRY}${name}/`
  const entries = Array.from(kv.list({ prefix }), ([key, value]) => [
    key.slice(prefix.length),
    value,
  ])
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Fields)
}

function saveTable(kv: SyncKvStorage, name: string, [from, to]: readonly [Fields, Fields]): void {
  const prefix = `${ENTRY}${name}/`
  for (const [id, value] of Object.entries(to)) if (from[id] !== value) kv.put(prefix + id, value)
  for (const id of Object.keys(from)) if (!Object.hasOwn(to, id)) kv.delete(prefix + id)
}

/** Takes a state apart that a release before this one kept in one piece. */
function moveWhole(
  storage: DurableObjectStorage,
  { tables, heir }: { readonly tables: ReadonlySet<string>; readonly heir: string | undefined },
): void {
  const { kv } = storage
  const whole = kv.get(WHOLE)
  if (whole === undefined) return
  const fields = heir === undefined ? toFields(whole) : { [heir]: whole }
  storage.transactionSync(() => {
    for (const [name, value] of Object.entries(fields)) {
      if (tables.has(name)) saveTable(kv, name, [{}, toFields(value)])
      else kv.put(FIELD + name, value)
    }
    kv.delete(WHOLE)
  })
}

/** Fields are told apart by name alone here; their types are the schema's. */
function toFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}
