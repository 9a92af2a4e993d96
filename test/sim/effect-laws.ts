import type { ControlStepped } from './control-life.ts'
import { fail } from './failure.ts'

/** What must hold of what the control object tells, and of what nobody confirms: law 5 of docs/simulation.md. */
export class EffectLaws {
  /** Messages that were ever queued, and those that the receiver took. */
  private readonly queued = new Set<string>()
  private readonly taken = new Set<string>()
  private readonly settled = new Map<string, string>()
  private generation = 0

  check({ before, next, effects }: ControlStepped): void {
    if (before.messages !== next.messages) {
      for (const [id, { message }] of Object.entries(next.messages)) {
        if (message !== null || !this.queued.has(id)) this.queued.add(id)
      }
    }
    if (next.log.generation < this.generation) fail(5, 'the numbers of generations went back')
    this.generation = next.log.generation
    for (const effect of effects) {
      if (effect.type !== 'audit') continue
      const { action, before: what } = effect.deed
      if (action === 'change.revert' || action === 'change.confirm') this.settle(action, what)
    }
  }

  take(message: string): void {
    this.taken.add(message)
  }

  /** What is still owed to operators. `dropped`: what the outbox says that it gave up. */
  owed(dropped: number): string[] {
    const missing = [...this.queued].filter((id) => !this.taken.has(id))
    return missing.length <= dropped ? [] : [`never delivered: ${missing.join(', ')}`]
  }

  private settle(action: string, what: unknown): void {
    const { id } = what as { id: string }
    const earlier = this.settled.get(id)
    if (earlier !== undefined) fail(5, `${id} was settled twice: ${earlier}, then ${action}`)
    this.settled.set(id, action)
  }
}
