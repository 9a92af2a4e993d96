import { expect, test } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { header } from '../support/client.ts'
import type { Origin } from '../support/origin.ts'
import { problemOf } from '../support/problem.ts'
import { type Router, fromEdge, startRouter } from '../support/router.ts'
import { stageOrigin } from '../support/stage.ts'

/** Germany goes to `eu`, everyone else to `us`. */
function byCountry(eu: Origin, us: Origin): AuthoredConfig {
  return {
    pools: {
      eu: { origins: { eu: { url: eu.url } } },
      us: { origins: { us: { url: us.url } } },
    },
    routes: {
      main: { steer: { policy: 'geo', countries: { DE: ['eu'] }, default: ['us'] } },
    },
  }
}

async function stageWorld(local: 'on' | 'off') {
  const eu = await stageOrigin('eu')
  const us = await stageOrigin('us')
  const router = await startRouter(byCountry(eu, us), { local })
  return { eu, us, router }
}

async function askFrom(router: Router, facts: string): Promise<string | undefined> {
  const headers = [
    ...fromEdge('203.0.113.7', { country: 'US' }),
    ['portolan-facts', facts],
  ] as const
  return header(await router.send('http://shop.test/', { headers }), 'x-origin')
}

test('on this machine a header stands for what the edge would know', async () => {
  const { eu, router } = await stageWorld('on')
  expect(await askFrom(router, '{"country":"DE","ip":"198.51.100.1"}')).toBe('eu')
  expect(await askFrom(router, '{"country":"FR"}')).toBe('us')
  const [seen] = eu.requests
  expect(seen && header(seen, 'portolan-facts')).toBeUndefined()
  expect(seen && header(seen, 'x-forwarded-for')).toBe('198.51.100.1')
})

test('facts that cannot be read are refused with what is wrong with them', async () => {
  const { eu, us, router } = await stageWorld('on')
  for (const facts of ['{', '{"country":7}', '{"planet":"Mars"}', '{"latitude":3}', '[]']) {
    const headers = [['portolan-facts', facts]] as const
    const got = await router.send('http://shop.test/', { headers })
    expect(got.status).toBe(400)
    expect(problemOf(got)).toMatchObject({ reason: 'bad-request' })
  }
  expect([...eu.requests, ...us.requests]).toEqual([])
})

test('a deployed router ignores the header, and does not pass it on', async () => {
  const { us, router } = await stageWorld('off')
  expect(await askFrom(router, '{"country":"DE","ip":"198.51.100.1"}')).toBe('us')
  expect(await askFrom(router, 'not even JSON')).toBe('us')
  const [seen] = us.requests
  expect(seen && header(seen, 'portolan-facts')).toBeUndefined()
  expect(seen && header(seen, 'x-forwarded-for')).toBe('203.0.113.7')
})

test('what the edge knows decides where a request goes', async () => {
  const { router } = await stageWorld('off')
  const from = async (country: string) => {
    const headers = fromEdge('203.0.113.7', { country })
    return header(await router.send('http://shop.test/', { headers }), 'x-origin')
  }
  expect([await from('DE'), await from('US')]).toEqual(['eu', 'us'])
})
