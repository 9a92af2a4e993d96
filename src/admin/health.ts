import type { Hono } from 'hono/tiny'
import { json } from './answer.ts'
import { refuse } from './problem-details.ts'
import type { AdminDeps, AdminEnv } from './resource.ts'

/** `/health/*` for whoever watches the router, and `/status` for who runs it. */
export function addHealth(app: Hono<AdminEnv>, { snapshot, status }: AdminDeps): void {
  let isStarted = false
  app.get('/health/live', () => json({ status: 'live' }))
  app.get('/health/ready', () => (snapshot() ? json({ status: 'ready' }) : refuseUnready()))
  // Once is enough: a start that has happened does not unhappen when the snapshot goes.
  app.get('/health/startup', () => {
    isStarted ||= snapshot() !== undefined
    return isStarted ? json({ status: 'started' }) : refuseUnready()
  })
  app.get('/status', () => json(status()))
}

function refuseUnready(): Response {
  const detail = 'no configuration was applied yet, or none could be loaded'
  return refuse('not-ready', detail, { headers: { 'retry-after': '2' } })
}
