import * as http from 'node:http'
import { gunzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { asClient, CROWDED, somebody, tellAll } from '../support/cache-crowd.ts'
import { header, type Received } from '../support/client.ts'
import { PROPERTY_SEED } from '../support/property-seed.ts'
import { startRouter } from '../support/router.ts'
import { perHost, stageOrigin } from '../support/stage.ts'

// Other crowds: `PROPERTY_SEED=$RANDOM npx vitest run --project system test/system/cache-crowd.test.ts`.
const REQUESTS = 500
const AT_ONCE = 30

test("of a crowd, in whatever way it asks, nobody gets what is another one's", async () => {
  const origin = await stageOrigin('origin', tellAll)
  const router = await startRouter(perHost([origin], CROWDED))
  const agent = new http.Agent({ keepAlive: true })
  const sampled = fc.sample(somebody, { numRuns: REQUESTS, seed: PROPERTY_SEED })
  const crowd = sampled.map((each, at) => asClient(each, `me-${at}.`))
  const seen = { hits: 0, mistakes: 0, strangers: [] as string[] }
  const ask = async (at: number) => {
    const asked = crowd[at]
    if (!asked) return
    const { host, ...sent } = asked
    const got = await router.send(`http://${host}/`, { ...sent, agent })
    const status = header(got, 'cache-status') ?? ''
    if (/; hit|; collapsed/.test(status)) seen.hits += 1
    if (got.text.includes('problem:internal')) seen.mistakes += 1
    const others = marksIn(got).filter((mark) => mark !== `me-${at}.`)
    if (others.length > 0)
      seen.strangers.push(`${JSON.stringify(asked)}: ${status} ${others.join()}`)
  }
  for (let at = 0; at < REQUESTS; at += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, one) => ask(at + one)))
  }
  agent.destroy()
  expect(seen).toEqual({ hits: expect.any(Number), mistakes: 0, strangers: [] })
  expect(seen.hits).toBeGreaterThan(REQUESTS / 20)
})

/** Everybody of whom an answer tells. */
function marksIn(got: Received): readonly string[] {
  const isEncoded =
    header(got, 'content-encoding') === 'gzip' && got.status === 200 && got.body.length > 0
  const body = isEncoded ? gunzipSync(got.body).toString() : got.text
  const head = got.headers.map(([, value]) => decodeURIComponent(value)).join(' ')
  return [...new Set(`${body} ${head}`.match(/me-\d+\./g))]
}
