const LENGTH = 64
const ITEMS = 5

/** A value from a request or a configuration in quotes, cut to what a line can hold. */
export function quote(value: string): string {
  return JSON.stringify(value.length > LENGTH ? `${value.slice(0, LENGTH - 1)}…` : value)
}

/** `a`, `a or b`, `a, b or c`; of many the first few and how many more. */
export function either(items: readonly (string | number)[]): string {
  const shown = items.length > ITEMS ? items.slice(0, ITEMS - 1) : items
  const last = items.length > ITEMS ? `${items.length - shown.length} more` : shown.at(-1)
  const first = items.length > ITEMS ? shown : shown.slice(0, -1)
  return first.length === 0 ? String(last) : `${first.join(', ')} or ${last}`
}
