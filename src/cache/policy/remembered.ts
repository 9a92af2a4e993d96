/** So many texts are remembered, and none that is longer. */
const REMEMBERED = { most: 256, length: 512 } as const

/**
 * The same function of a text, which knows what it made of those that come again and again: the queries of what is asked
 * for most, the browsers that are used most.
 */
export function remembered<Value>(make: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>()
  return (text) => {
    if (text.length > REMEMBERED.length) return make(text)
    const before = known.get(text)
    if (before !== undefined) return before
    const made = make(text)
    if (known.size >= REMEMBERED.most) known.clear()
    known.set(text, made)
    return made
  }
}
