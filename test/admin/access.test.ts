import { describe, expect, it } from 'vitest'
import type { Called } from '../../durable/client.ts'
import { createAdmin } from '../../src/admin/admin.ts'
import type { AdminDeps } from '../../src/admin/resource.ts'
import { documentOf } from '../support/builders.ts'
import { compile } from '../../src/core/compile.ts'
import { TOKEN, ask, depsOf } from './ask.ts'

const guarded = ['/v1/config', '/v1/revisions', '/v1/revisions/1', '/v1/nothing', '/status']

describe('the token', () => {
  it.each(guarded)('is asked for at %s', async (path) => {
    const told = await ask(path, { headers: { authorization: '' } })
    expect([told.status, told.json.reason]).toEqual([401, 'unauthorized'])
    expect(told.headers.get('www-authenticate')).toBe('Bearer realm="portolan"')
  })

  it('has to be the one that is set, whole', async () => {
    const wrong = ['Bearer x', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, 'Bearer ', 'Bearer']
    for (const authorization of [...wrong, `Basic ${btoa(TOKEN)}`, TOKEN, `Token ${TOKEN}`]) {
      const told = await ask('/status', { headers: { authorization } })
      expect([authorization, told.status]).toEqual([authorization, 401])
    }
    const told = await ask('/status', { headers: { authorization: 'Bearer nonsense' } })
    expect(told.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })

  it('may come with a scheme in any case (RFC 9110 §11.1)', async () => {
    for (const scheme of ['bearer', 'BEARER', 'Bearer ']) {
      const told = await ask('/status', { headers: { authorization: `${scheme} ${TOKEN}` } })
      expect(told.status).toBe(200)
    }
  })

  it.each([undefined, ''])('that is not set turns the API off (%s)', async (adminToken) => {
    const told = await ask('/v1/config', {}, depsOf({ adminToken }))
    expect(told.status).toBe(503)
    expect(told.json.detail).toBe('admin API is off: set the secret PORTOLAN_ADMIN_TOKEN')
    expect((await ask('/health/live', {}, depsOf({ adminToken }))).status).toBe(200)
  })

  it('is not in any answer', async () => {
    const told = await ask('/v1/config', { headers: { authorization: 'Bearer nonsense' } })
    expect(told.text).not.toContain(TOKEN)
  })
})

describe('health', () => {
  const anonymous = { headers: { authorization: '' } }

  it('is live whatever is missing', async () => {
    const told = await ask('/health/live', anonymous, depsOf({ adminToken: undefined }))
    expect([told.status, told.json]).toEqual([200, { status: 'live' }])
  })

  it('is ready while there is a snapshot, and started once there was one', async () => {
    let snapshot: ReturnType<AdminDeps['snapshot']>
    const admin = createAdmin(depsOf({ snapshot: () => snapshot }))
    const statusOf = async (path: string) => {
      const url = `https://router.example.com/_portolan/health/${path}`
      return (await admin(new Request(url), '/_portolan')).status
    }
    expect([await statusOf('ready'), await statusOf('startup')]).toEqual([503, 503])
    snapshot = compile(documentOf({}))
    expect([await statusOf('ready'), await statusOf('startup')]).toEqual([200, 200])
    snapshot = undefined
    expect([await statusOf('ready'), await statusOf('startup')]).toEqual([503, 200])
  })

  it('answers HEAD', async () => {
    const told = await ask('/health/live', { method: 'HEAD', ...anonymous })
    expect([told.status, told.text]).toEqual([200, ''])
  })
})

describe('a request for something else', () => {
  it('is told which methods there are', async () => {
    const cases = [
      ['DELETE', '/v1/config', 'GET, HEAD, PUT'],
      ['POST', '/v1/config', 'GET, HEAD, PUT'],
      ['OPTIONS', '/v1/config', 'GET, HEAD, PUT'],
      ['PUT', '/v1/revisions', 'GET, HEAD'],
      ['GET', '/v1/revisions/1/rollback', 'POST'],
      ['GET', '/v1/explain', 'POST'],
      ['POST', '/health/live', 'GET, HEAD'],
      ['PATCH', '/status', 'GET, HEAD'],
    ] as const
    for (const [method, path, allow] of cases) {
      const told = await ask(path, { method })
      expect([method, path, told.status, told.headers.get('allow')]).toEqual([
        method,
        path,
        405,
        allow,
      ])
    }
  })

  it('is 404, inside the prefix and outside', async () => {
    for (const path of [
      '',
      '/',
      '/v1',
      '/v1/',
      '/v1/config/',
      '/v2/config',
      '/health',
      '//v1/config',
    ]) {
      const told = await ask(path)
      expect([path, told.status, told.json.reason]).toEqual([path, 404, 'not-found'])
    }
    const headers = { authorization: `Bearer ${TOKEN}` }
    for (const path of ['/v1/config', '/_portolanx/v1/config', '/x/_portolan/v1/config']) {
      const request = new Request(`https://router.example.com${path}`, { headers })
      const response = await createAdmin(depsOf())(request, '/_portolan')
      expect([path, response.status]).toEqual([path, 404])
    }
  })

  it('finds the same under another prefix', async () => {
    const request = new Request('https://router.example.com/ops/health/live')
    expect((await createAdmin(depsOf())(request, '/ops')).status).toBe(200)
  })
})

function failing(kind: 'failed' | 'unavailable' | 'overloaded' | 'timeout'): AdminDeps {
  const called: Called<never> = { ok: false, error: { kind, message: 'gone' } }
  return depsOf({ control: { call: async () => called } })
}

describe('a control object that is away', () => {
  it.each([
    ['failed', 502, null],
    ['unavailable', 503, '5'],
    ['overloaded', 503, '5'],
    ['timeout', 504, '5'],
  ] as const)('is told as such: %s', async (kind, status, retryAfter) => {
    const asks = [
      ['GET', '/v1/config', undefined],
      ['PUT', '/v1/config', '{}'],
      ['GET', '/v1/revisions', undefined],
      ['GET', '/v1/revisions/1', undefined],
      ['POST', '/v1/revisions/1/rollback', undefined],
      ['POST', '/v1/explain', '{"facts":{"host":"a"}}'],
    ] as const
    for (const [method, path, body] of asks) {
      const told = await ask(path, { method, ...(body && { body }) }, failing(kind))
      expect([path, told.status, told.headers.get('retry-after')]).toEqual([
        path,
        status,
        retryAfter,
      ])
      expect(told.headers.get('content-type')).toBe('application/problem+json')
    }
  })
})
