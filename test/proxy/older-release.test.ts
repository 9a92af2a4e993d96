import { describe, expect, it } from 'vitest'
import { decide } from '../../src/core/decide.ts'
import { type Holding, takeNews } from '../../src/proxy/news.ts'
import { completeConfig } from '../../src/schema/complete-config.ts'
import { parseConfig } from '../../src/schema/parse-config.ts'
import { parseSnapshotNews } from '../../src/schema/snapshot.ts'
import { factsOf, observationsOf } from '../support/builders.ts'
import older from '../support/release-0.2.0.json' with { type: 'json' }
import records from '../support/release-0.3.0.json' with { type: 'json' }
import last from '../support/release-0.4.0.json' with { type: 'json' }

// Written by releases 0.2.0, 0.3.0 and 0.4.0 themselves: what stands in the store when this one is deployed over them.

function configNow() {
  const parsed = parseConfig(older.authored)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.config
}

describe('a snapshot that release 0.2.0 has published', () => {
  it('is decided by until there is one of this release', () => {
    const holding: Holding = { snapshot: undefined, config: undefined }
    expect(takeNews(holding, parseSnapshotNews(older.document))).toBe(true)
    const { snapshot } = holding
    if (snapshot === undefined) throw new Error('it was taken, and is not there')
    const observations = observationsOf(snapshot)
    const at = (host: string, path = '/') => decide(factsOf({ host, path }), snapshot, observations)
    // eu-2 drains, and us-1 comes back by steps.
    expect(at('www.example.com')).toMatchObject({ type: 'steer', route: { id: 'all' } })
    expect(at('www.example.com', '/hello')).toMatchObject({ type: 'respond' })
    expect(at('app.example.com')).toMatchObject({ type: 'steer', route: { id: 'app' } })
  })

  it('gets the defaults that this release gives the same document', () => {
    const parsed = parseSnapshotNews(older.document)
    if (parsed?.config === undefined) throw new Error('it cannot be read')
    const config = completeConfig(parsed.config)
    const now = configNow()
    // What was checked only then is not acted on before this release has read the document itself.
    const { affinity, ...all } = now.routes['all'] ?? {}
    expect(affinity).toMatchObject({ type: 'cookie', store: 'cookie' })
    expect(config).toEqual({ ...now, routes: { ...now.routes, all } })
  })
})

describe('a snapshot that release 0.3.0 has published', () => {
  it('is decided by, without the records that had no provider', () => {
    const holding: Holding = { snapshot: undefined, config: undefined }
    expect(takeNews(holding, parseSnapshotNews(records.document))).toBe(true)
    const { snapshot, config } = holding
    if (snapshot === undefined) throw new Error('it was taken, and is not there')
    const facts = factsOf({ host: 'app.example.com' })
    expect(decide(facts, snapshot, observationsOf(snapshot))).toMatchObject({ type: 'steer' })
    expect(config?.dns).toBeUndefined()
  })
})

describe('a snapshot that release 0.4.0 has published', () => {
  it('is decided by, without the cache that was not acted on', () => {
    const holding: Holding = { snapshot: undefined, config: undefined }
    expect(last.document.config.routes.app.cache).toEqual({ mode: 'standard' })
    expect(takeNews(holding, parseSnapshotNews(last.document))).toBe(true)
    const { snapshot, config } = holding
    if (snapshot === undefined) throw new Error('it was taken, and is not there')
    const facts = factsOf({ host: 'app.example.com' })
    expect(decide(facts, snapshot, observationsOf(snapshot))).toMatchObject({ type: 'steer' })
    expect(config?.routes['app']?.cache).toBeUndefined()
  })
})

describe('a snapshot of this release', () => {
  it('is taken as it is', () => {
    const config = configNow()
    expect(completeConfig(config)).toBe(config)
  })
})
