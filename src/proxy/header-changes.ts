import type { HeaderChanges } from '../schema/route.ts'

/** Applies the changes of a route: remove, set, add, in this order. */
export function changeHeaders(headers: Headers, { remove, set, add }: HeaderChanges): void {
  for (const name of remove) headers.delete(name)
  for (const name in set) headers.set(name, set[name] ?? '')
  for (const name in add) headers.append(name, add[name] ?? '')
}
