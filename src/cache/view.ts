import type { Snapshot } from '../core/snapshot.ts'
import type { CacheLook } from '../schema/cache-report.ts'
import type { Engine } from './engine.ts'

/** A request whose standing in the cache somebody asks for. */
export interface LookQuestion {
  readonly url: string
  readonly method: 'GET' | 'HEAD'
  readonly headers: Readonly<Record<string, string>>
  readonly country?: string | undefined
}

/** The edge cache as one isolate sees it. */
export interface CacheView {
  readonly engine: Pick<Engine, 'memory' | 'counts'>
  /** What every tier holds for a request, and what would become of it. Fetches, stores and counts nothing. */
  look(question: LookQuestion, snapshot: Snapshot): Promise<CacheLook>
}
