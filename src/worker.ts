import { deferred } from '../durable/deferred.ts'
import type { Env } from './env.ts'
import { createIsolate } from './proxy/isolate.ts'
import { type AdminDoor, serve } from './proxy/serve.ts'

// What only some isolates need is loaded where it is first asked for: most hold no object and never meet an operator,
// and every one of them would wait for it before its first request.

export const Control = deferred(async () => (await import('../durable/control.ts')).Control)
export const Limiter = deferred(async () => (await import('../durable/limiter.ts')).Limiter)
export const Origin = deferred(async () => (await import('../durable/origin.ts')).Origin)
export const Prober = deferred(async () => (await import('../durable/prober.ts')).Prober)
export const Sessions = deferred(async () => (await import('../durable/sessions.ts')).Sessions)
export const Zone = deferred(async () => (await import('../durable/zone.ts')).Zone)
export const Shield = deferred(async () => (await import('./shield-object.ts')).Shield)

const isolate = createIsolate()
let door: AdminDoor | undefined

const adminDoor: AdminDoor = async (call, prefix) => {
  const { createAdminDoor } = await import('./admin-door.ts')
  door ??= createAdminDoor(isolate)
  return door(call, prefix)
}

export default {
  fetch: (request, env, ctx) => serve(isolate, { request, env, ctx }, adminDoor),
  scheduled: async (_controller, env) => {
    const { watchOver } = await import('../durable/watchdog.ts')
    await watchOver(env)
  },
} satisfies ExportedHandler<Env>
