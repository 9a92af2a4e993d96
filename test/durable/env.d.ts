import type { Env as Bindings } from '../../src/env.ts'

declare global {
  // The platform's own name for what `cloudflare:workers` exports as `env`.
  namespace Cloudflare {
    interface Env extends Bindings {}
  }
}
