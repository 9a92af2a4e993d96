import { relative, resolve } from 'node:path'

/** The absolute path of what a user typed. */
export function fromUser(typed: string): string {
  return resolve(whereUserStands(), typed)
}

/** A path as the user would type it: short where it lies below the folder they stand in. */
export function toUser(absolute: string): string {
  const short = relative(whereUserStands(), absolute)
  return short === '' || short.startsWith('..') ? absolute : short
}

/** npm runs its scripts in the folder of package.json, and says in INIT_CWD where the user stood. */
function whereUserStands(): string {
  const { INIT_CWD, npm_lifecycle_event: script } = process.env
  const isOurScript = script === 'start' || script === 'portolan'
  return isOurScript && INIT_CWD !== undefined ? INIT_CWD : process.cwd()
}
