import type { Env } from '../src/env.ts'

/** What the platform calls on an object of ours. */
interface Callable {
  fetch(request: Request): Promise<Response>
  alarm?(): Promise<void>
}
type ObjectClass = new (ctx: DurableObjectState, env: Env) => Callable

/**
 * Makes a class of objects whose code is loaded with the first of them. The platform wants the class itself when an
 * isolate starts, and most isolates hold no object: what all objects load would be most of what a start costs.
 */
export function deferred(load: () => Promise<ObjectClass>) {
  return class {
    readonly #object: Promise<Callable>

    constructor(ctx: DurableObjectState, env: Env) {
      this.#object = load().then((Loaded) => new Loaded(ctx, env))
    }

    async fetch(request: Request): Promise<Response> {
      return (await this.#object).fetch(request)
    }

    async alarm(): Promise<void> {
      await (await this.#object).alarm?.()
    }
  }
}
