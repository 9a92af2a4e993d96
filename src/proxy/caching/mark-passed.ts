/** Says of an answer that is passed on what the cache did with it, and takes away what only a cache reads. */
export function markPassed(headers: Headers, status: string): void {
  for (const name of ['cache-tag', 'surrogate-key', 'portolan-cache-control']) headers.delete(name)
  headers.append('cache-status', status)
}
