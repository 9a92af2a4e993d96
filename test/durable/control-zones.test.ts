import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Control } from '../../durable/control.ts'
import { watchOver } from '../../durable/watchdog.ts'
import type { Env } from '../../src/env.ts'
import { emptyAll, endAll } from '../support/processes-worker.ts'
import { untilHolds } from '../support/until.ts'
import { control, controlStub, put, valueOf } from './control-harness.ts'

// The zones are played by the test; durable/zone.ts has its own.

interface Asked {
  readonly zone: string
  readonly cause: string
}

const asked: Asked[] = []
let answer: () => Promise<void>

/** A namespace of zones that take down what they are asked. */
function listener(): DurableObjectNamespace {
  const namespace = {
    idFromName: (name: string) => name,
    get: (zone: string) => ({
      async fetch(_url: string, { body }: { readonly body: string }) {
        asked.push({ zone, cause: (JSON.parse(body) as Asked).cause })
        await answer()
        return Response.json({ ok: true, value: { known: true } })
      },
    }),
  }
  return namespace as unknown as DurableObjectNamespace
}

async function overhear(): Promise<void> {
  await runInDurableObject(controlStub(), (object: Control) => {
    // A private field, and the one place where the zones can be replaced.
    const inner = object as unknown as { shell: { env: Env } }
    Object.assign(inner.shell, { env: { ...inner.shell.env, ZONES: listener() } })
  })
}

function configWith(weight: number) {
  const record = { provider: 'pdns', zone: 'example.com', type: 'A', route: 'all' }
  return {
    pools: { us: { origins: { 'us-1': { url: 'https://192.0.2.1', weight } } } },
    routes: { all: { steer: { policy: 'failover', pools: ['us'] } } },
    dns: {
      providers: { pdns: { type: 'powerdns', url: 'http://127.0.0.1:1', key: { secret: 'KEY' } } },
      records: {
        apex: { ...record, name: 'example.com' },
        www: { ...record, name: 'www.example.com' },
        other: { ...record, zone: 'example.org', name: 'example.org' },
      },
    },
  }
}

const NEWS = {
  sequence: 1,
  atMs: 1000,
  deed: {
    action: 'dns.change',
    target: 'record:apex',
    actor: { name: 'portolan', from: '' },
    reason: 'pool us is out',
    before: { values: ['192.0.2.1'] },
    after: { values: ['192.0.2.2'] },
  },
}

async function auditOf(action: string) {
  const { items } = valueOf(await control.call('audit', {}))
  return items.filter((entry) => entry.action === action)
}

beforeEach(() => {
  asked.length = 0
  answer = async () => {}
})

afterEach(async () => {
  vi.restoreAllMocks()
  await emptyAll()
})

describe('the control object', () => {
  it('pokes each zone of the configuration when there is another generation', async () => {
    await control.call('config', {})
    await overhear()
    await put(configWith(1))
    await untilHolds(() =>
      expect(asked).toEqual([
        { zone: 'pdns/example.com', cause: 'change' },
        { zone: 'pdns/example.org', cause: 'change' },
      ]),
    )
    // The same again is no other generation.
    await put(configWith(1))
    await control.call('config', {})
    expect(asked).toHaveLength(2)
  })

  it('waits for no zone, and pokes once more for all that happened meanwhile', async () => {
    await control.call('config', {})
    await overhear()
    const held: (() => void)[] = []
    answer = () => new Promise((resolve) => held.push(resolve))
    for (const weight of [1, 2, 3, 4]) {
      expect(await put(configWith(weight))).toMatchObject({ outcome: 'accepted' })
    }
    expect(asked).toHaveLength(2)
    answer = async () => {}
    for (const release of held) release()
    await untilHolds(() => expect(asked).toHaveLength(4))
    await control.call('config', {})
    expect(asked).toHaveLength(4)
  })

  it('names the zones for the cron, which asks each', async () => {
    await put(configWith(1))
    await watchOver({ ...env, ZONES: listener() })
    expect(asked).toEqual([
      { zone: 'pdns/example.com', cause: 'cron' },
      { zone: 'pdns/example.org', cause: 'cron' },
    ])
  })

  it('puts what a zone tells into the audit log, once, whatever ends in between', async () => {
    const news = { zone: 'pdns/example.com', items: [NEWS] }
    expect(valueOf(await control.call('zoneNews', news))).toEqual({ upTo: 1 })
    expect(valueOf(await control.call('zoneNews', news))).toEqual({ upTo: 1 })
    await endAll()
    const more = { ...news, items: [NEWS, { ...NEWS, sequence: 2 }] }
    expect(valueOf(await control.call('zoneNews', more))).toEqual({ upTo: 2 })
    const entries = await auditOf('dns.change')
    expect(entries).toHaveLength(2)
    expect(entries[0]).toMatchObject({ ...NEWS.deed, atMs: 1000 })
    expect(valueOf(await control.call('verifyAudit', {}))).toMatchObject({ ok: true })
  })

  it('that cannot store the entry has not heard', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    await control.call('config', {})
    const mend = await runInDurableObject(controlStub(), (_object, { storage }) => {
      const whole = storage.transactionSync.bind(storage)
      const spy = vi.spyOn(storage, 'transactionSync').mockImplementation((closure) =>
        whole(() => {
          closure()
          throw new Error('the disk is full')
        }),
      )
      return () => spy.mockRestore()
    })
    const news = { zone: 'pdns/example.com', items: [NEWS] }
    expect(await control.call('zoneNews', news)).toMatchObject({ ok: false })
    mend()
    expect(await auditOf('dns.change')).toHaveLength(0)
    expect(valueOf(await control.call('zoneNews', news))).toEqual({ upTo: 1 })
    expect(await auditOf('dns.change')).toHaveLength(1)
  })
})
