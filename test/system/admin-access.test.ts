import { describe, expect, it } from 'vitest'
import type { HeaderLines } from '../support/client.ts'
import { type Router, fromEdge, startBareRouter } from '../support/router.ts'

const STATUS = '/_portolan/status'

async function statusOf(router: Router, token: string, address: string): Promise<number> {
  const headers: HeaderLines = [['Authorization', `Bearer ${token}`], ...fromEdge(address)]
  return (await router.send(STATUS, { headers })).status
}

describe('the built Worker', () => {
  it('lets in who has a token, and slows down who has none', async () => {
    const router = await startBareRouter()
    const made = await router.admin('POST', '/_portolan/v1/tokens', {
      name: 'ci',
      scopes: ['read'],
    })
    const { id, token } = JSON.parse(made.text)
    expect([made.status, await statusOf(router, token, '192.0.2.1')]).toEqual([201, 200])

    const wrong: number[] = []
    // The binding counts to twenty in minutes of the clock: one may end on the way, and the count begins anew.
    while (wrong.at(-1) !== 429 && wrong.length < 45) {
      wrong.push(await statusOf(router, 'wrong', '192.0.2.1'))
    }
    expect(wrong.slice(0, 5)).toEqual([401, 401, 401, 401, 401])
    expect(wrong.at(-1)).toBe(429)
    expect(await statusOf(router, token, '192.0.2.1')).toBe(200)
    expect(await statusOf(router, 'wrong', '192.0.2.2')).toBe(401)

    const gone = await router.admin('DELETE', `/_portolan/v1/tokens/${id}`)
    expect(gone.status).toBe(204)
    const goneMs = Date.now()
    let [status, askedMs, letInMs] = [200, goneMs, goneMs]
    while (status === 200 && letInMs - goneMs < 11_000) {
      letInMs = askedMs
      await new Promise((resolve) => setTimeout(resolve, 250))
      askedMs = Date.now()
      status = await statusOf(router, token, '192.0.2.3')
    }
    // The answer may be late: by when it was asked, nobody is let in for longer.
    expect([status, letInMs - goneMs]).toEqual([401, expect.toSatisfy((ms) => ms < 11_000)])
  })
})
