import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAdmin } from '../../src/admin/admin.ts'
import type { AdminDeps } from '../../src/admin/resource.ts'
import { digest } from '../../src/admin/digest.ts'
import { TOKEN_LIMITS } from '../../src/schema/token.ts'
import { untilMinuteHasTime } from '../support/minute.ts'
import { emptyAll } from '../support/processes-worker.ts'
import { type Ask, ask, askAt, depsOf } from './ask.ts'

const MADE_UP = `ptl_${'a'.repeat(12)}_${'b'.repeat(52)}`

async function make(more: object = {}) {
  const body = JSON.stringify({ name: 'ci', scopes: ['read'], ...more })
  return ask('/v1/tokens', { method: 'POST', body })
}

/** A token that works. */
async function tokenOf(more: object = {}): Promise<string> {
  const { json } = await make(more)
  return String(json.token)
}

const bearing = (token: string, more: Ask = {}): Ask => {
  return { ...more, headers: { authorization: `Bearer ${token}`, ...more.headers } }
}

const from = (address: string) => ({ headers: { 'cf-connecting-ip': address } })

/** The control object, and what it was asked. */
function listening(): { readonly deps: AdminDeps; readonly calls: string[] } {
  const deps = depsOf()
  const calls: string[] = []
  const call: AdminDeps['control']['call'] = async (name, input) => {
    calls.push(name)
    return deps.control.call(name, input)
  }
  return { deps: { ...deps, control: { call } }, calls }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(async () => {
  vi.useRealTimers()
  await emptyAll()
})

describe('a token', () => {
  it('is shown once, and lets its holder in', async () => {
    const told = await make({ scopes: ['read', 'operate'], expiresIn: '30d' })
    expect(told.status).toBe(201)
    const { token, ...view } = told.json
    expect(token).toMatch(/^ptl_[a-z2-7]{12}_[a-z2-7]{52}$/)
    expect(view).toEqual({
      id: token.slice(4, 16),
      name: 'ci',
      scopes: ['read', 'operate'],
      createdAtMs: Date.now(),
      createdBy: 'root',
      expiresAtMs: Date.now() + 30 * 86_400_000,
    })
    expect((await ask('/status', bearing(token))).status).toBe(200)
    const list = await ask('/v1/tokens')
    expect(list.json.items).toMatchObject([view])
    expect(list.text).not.toContain(token.slice(17))
  })

  it('is kept as its digest, and stands in no log', async () => {
    const token = await tokenOf()
    const stub = env.CONTROL.get(env.CONTROL.idFromName('control'))
    const rows = await runInDurableObject(stub, (_object, state) =>
      JSON.stringify([
        ...state.storage.sql.exec('SELECT * FROM tokens'),
        ...state.storage.sql.exec('SELECT * FROM audit'),
      ]),
    )
    expect(rows).toContain(await digest(token))
    expect(rows).not.toContain(token.slice(17))
  })

  it('is out everywhere within ten seconds of being revoked', async () => {
    const token = await tokenOf()
    const elsewhere = createAdmin(depsOf())
    expect((await askAt(elsewhere, '/status', bearing(token))).status).toBe(200)
    const path = `/v1/tokens/${token.slice(4, 16)}`
    expect((await ask(path, { method: 'DELETE' })).status).toBe(204)
    expect((await ask(path, { method: 'DELETE' })).status).toBe(404)
    vi.setSystemTime(Date.now() + 10_000)
    const told = await askAt(elsewhere, '/status', bearing(token, from('192.0.2.1')))
    expect([told.status, told.json.detail]).toEqual([
      401,
      'the token is not valid, or it was revoked',
    ])
  })

  it('works at once where others were asked for a moment ago', async () => {
    const admin = createAdmin(depsOf())
    expect((await askAt(admin, '/status', bearing(await tokenOf()))).status).toBe(200)
    vi.useRealTimers()
    const second = await tokenOf({ name: 'second' })
    expect((await askAt(admin, '/status', bearing(second))).status).toBe(200)
  })

  it('ends when it expires', async () => {
    const token = await tokenOf({ expiresIn: '1h' })
    vi.setSystemTime(Date.now() + 3_599_000)
    expect((await ask('/status', bearing(token))).status).toBe(200)
    vi.setSystemTime(Date.now() + 1000)
    const told = await ask('/status', bearing(token, from('192.0.2.2')))
    expect([told.status, told.json.detail]).toEqual([401, 'the token has expired'])
  })

  it('is noted as used, once a minute at most', async () => {
    const token = await tokenOf()
    const { deps, calls } = listening()
    const admin = createAdmin(deps)
    const beganMs = Date.now()
    const useAt = async (laterMs: number) => {
      vi.setSystemTime(beganMs + laterMs)
      await askAt(admin, '/status', bearing(token))
    }
    // The note is written after the answer: it is there in a moment.
    const noted = async (laterMs: number) => {
      let lastUsedAtMs: number | undefined
      while (lastUsedAtMs !== beganMs + laterMs) {
        await scheduler.wait(5)
        ;[{ lastUsedAtMs }] = (await ask('/v1/tokens')).json.items
      }
    }
    await useAt(0)
    await noted(0)
    for (const laterMs of [1000, 30_000, 59_999]) await useAt(laterMs)
    await useAt(60_000)
    await noted(60_000)
    await useAt(90_000)
    expect(calls.filter((name) => name === 'touchToken')).toHaveLength(2)
  })

  it('has a name of its own, and there is an end to them', async () => {
    await make()
    const again = await make()
    expect([again.status, again.json.reason]).toEqual([409, 'conflict'])
    for (const name of ['root', 'portolan', '', 'a\nb', 'x'.repeat(65)]) {
      expect([name, (await make({ name })).status]).toEqual([name, 422])
    }
    for (let count = 1; count < TOKEN_LIMITS.tokens; count += 1) await make({ name: `t${count}` })
    expect((await make({ name: 'one more' })).json.detail).toBe(
      'there are 200 tokens: revoke one first',
    )
  })

  it('is not shown again to a call that is repeated', async () => {
    const asked = {
      method: 'POST',
      body: JSON.stringify({ name: 'ci', scopes: ['read'] }),
      headers: { 'idempotency-key': 'k1' },
    }
    const first = await ask('/v1/tokens', asked)
    const { token, ...view } = first.json
    const second = await ask('/v1/tokens', asked)
    expect([second.status, second.json]).toEqual([201, view])
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect((await ask('/status', bearing(token))).status).toBe(200)
  })
})

describe('a scope', () => {
  const cases = [
    { scope: 'read', method: 'GET', path: '/v1/config', status: 404 },
    { scope: 'read', method: 'PUT', path: '/v1/config', status: 403 },
    { scope: 'read', method: 'POST', path: '/v1/revisions/1/rollback', status: 403 },
    { scope: 'operate', method: 'GET', path: '/v1/config', status: 404 },
    { scope: 'operate', method: 'PUT', path: '/v1/config', status: 403 },
    { scope: 'configure', method: 'PUT', path: '/v1/config', status: 200 },
    { scope: 'configure', method: 'GET', path: '/v1/tokens', status: 403 },
    { scope: 'admin', method: 'GET', path: '/v1/tokens', status: 200 },
    { scope: 'admin', method: 'PUT', path: '/v1/config', status: 200 },
  ] as const

  it.each(cases)('$scope: $method $path is $status', async ({ scope, method, path, status }) => {
    const token = await tokenOf({ scopes: [scope] })
    const body = method === 'PUT' ? { body: '{}' } : {}
    expect((await ask(path, bearing(token, { method, ...body }))).status).toBe(status)
  })

  it('that is missing is named', async () => {
    const token = await tokenOf({ scopes: ['read', 'operate'] })
    const told = await ask('/v1/config', bearing(token, { method: 'PUT', body: '{}' }))
    expect(told.json).toMatchObject({
      reason: 'forbidden',
      detail: 'this takes a token with the scope "configure"; this one has: read, operate',
    })
  })
})

describe('an attempt that fails', () => {
  it('does not reach the control object unless it has the form of a token', async () => {
    const { deps, calls } = listening()
    const wrong = ['nonsense', `${MADE_UP}b`, MADE_UP.toUpperCase(), 'ptl__', 'ptl_a_b']
    for (const token of wrong) {
      const told = await ask('/status', bearing(token, from('192.0.2.10')), deps)
      expect([token, told.status]).toEqual([token, 401])
    }
    expect(calls).toEqual([])
  })

  it('makes it ask once a second at most, however many there are', async () => {
    vi.useRealTimers()
    const { deps, calls } = listening()
    const admin = createAdmin(deps)
    const beganMs = Date.now()
    const flood = Array.from({ length: 200 }, async (_, index) => {
      const token = MADE_UP.replace('aaaa', `aaa${'abcdefghij'[index % 10]}`)
      return askAt(admin, '/status', bearing(token, from(`198.51.100.${index}`)))
    })
    for (const { status } of await Promise.all(flood)) expect(status).toBe(401)
    // For the first, for those that came meanwhile, and once a second while others came.
    const seconds = (Date.now() - beganMs) / 1000
    expect(calls.length).toBeLessThanOrEqual(2 + seconds)
  })

  it('is refused for a while when there are too many from one address', async () => {
    await untilMinuteHasTime()
    const token = await tokenOf()
    const address = from('2001:db8:0:1::7')
    const statuses: number[] = []
    for (let count = 0; count < 25; count += 1) {
      statuses.push((await ask('/status', bearing('nonsense', address))).status)
    }
    expect(statuses).toEqual([...Array(20).fill(401), ...Array(5).fill(429)])
    const neighbour = from('2001:db8:0:1:ffff::8')
    const told = await ask('/status', bearing('nonsense', neighbour))
    expect([told.status, told.json.reason]).toEqual([429, 'too-many-failures'])
    expect(told.headers.get('retry-after')).toBe('60')
    expect((await ask('/status', address)).status).toBe(200)
    expect((await ask('/status', bearing(token, address))).status).toBe(200)
    const other = from('2001:db8:0:2::7')
    expect((await ask('/status', bearing('nonsense', other))).status).toBe(401)
  })
})
