import { watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Editors write in several steps: a change counts once they pause. */
const PAUSE_MS = 100

/**
 * Calls `changed` after each change of a file, one call after the other. Watches its folder, since many editors
 * put a new file in the place of the old one. Returns what stops it.
 */
export function watchFile(path: string, changed: () => Promise<void>): () => void {
  const name = basename(path)
  let timer: NodeJS.Timeout | undefined
  let last = Promise.resolve()
  const watcher = watch(dirname(path), (_event, changedName) => {
    if (changedName !== name) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      last = last.then(changed)
    }, PAUSE_MS)
  })
  // The folder went away: the router goes on with what it has.
  watcher.on('error', () => watcher.close())
  return () => {
    clearTimeout(timer)
    watcher.close()
  }
}
