import { once } from 'node:events'
import { createServer } from 'node:net'

/** Why a port of the loopback interface cannot be listened on, if so. */
export async function findPortProblem(port: number): Promise<string | undefined> {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE') return describeTaken(port)
    return `port ${port} cannot be used (${String(code)}); choose another with --port`
  }
  server.close()
  await once(server, 'close')
  return undefined
}

/** The one line about a port that something else listens on. */
export function describeTaken(port: number): string {
  return `port ${port} is taken; choose another with --port`
}
