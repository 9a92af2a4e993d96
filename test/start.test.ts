import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, it } from 'vitest'

// Every isolate evaluates these modules before its first request, and most isolates only pass requests on. A schema costs
// 30 µs there, a configuration has four thousand of them, and so what is not needed at once is loaded when it is.

const root = new URL('..', import.meta.url).pathname

/** An import that is evaluated: of a value, and not by a call. */
const EVALUATED = /^(?:import|export) (?!type )((?:(?!from ')[^;])*?) ?from '(\.[^']+\.ts)'/gm

it('starts without the admin API, the objects and the schema of the configuration', () => {
  const late =
    /^(dns|src\/admin|src\/schema\/(cache|config|dns|limit|monitor|pool|route|steer)\.ts|durable\/(control|limiter|origin|prober|sessions|watchdog|zone)\.ts)/
  const ways = waysFrom('src/worker.ts').filter(([path = '']) => late.test(path))
  expect(ways.map((way) => way.join(' < '))).toEqual([])
})

/** Each module that is evaluated with the entry, and the way to it. */
function waysFrom(entry: string): readonly (readonly string[])[] {
  const ways = new Map([[entry, [entry]]])
  for (const [path, way] of ways) {
    for (const [, names = '', to = ''] of readFileSync(root + path, 'utf8').matchAll(EVALUATED)) {
      const target = posix.join(posix.dirname(path), to)
      if (!isOfTypes(names) && !ways.has(target)) ways.set(target, [target, ...way])
    }
  }
  return [...ways.values()]
}

/** Whether each of the names is a type: `{ type One, type Other }`. */
function isOfTypes(names: string): boolean {
  return names
    .replaceAll(/[{}]/g, '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .every((name) => name.startsWith('type '))
}
