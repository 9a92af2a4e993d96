import { describe, expect, it, onTestFinished } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import type { Message } from '../../src/schema/notice.ts'
import { type Origin, startOrigin } from '../support/origin.ts'
import { ROUTING_KEY, startPagerDuty } from '../support/pagerduty.ts'
import { PROBING } from '../support/probed.ts'
import { type Router, startRouter } from '../support/router.ts'
import { startSlack } from '../support/slack.ts'
import { until } from '../support/until.ts'
import { startWebhook, type Webhook } from '../support/webhook.ts'

type Notifications = AuthoredConfig['notifications']

/** A region of two origins that is probed, and another that is not. */
async function startRegions() {
  const origins = await Promise.all([startOrigin('us-1', 'us'), startOrigin('us-2', 'us')])
  const elsewhere = await startOrigin('eu-1', 'eu')
  onTestFinished(async () => {
    await Promise.all([...origins, elsewhere].map((origin) => origin.stop()))
  })
  return { origins, elsewhere }
}

function configOf(
  { origins, elsewhere }: Awaited<ReturnType<typeof startRegions>>,
  notifications: Notifications,
): AuthoredConfig {
  return {
    monitors: { web: PROBING },
    pools: {
      us: { monitor: 'web', origins: addressed(origins) },
      eu: { origins: addressed([elsewhere]) },
    },
    routes: { all: { steer: { policy: 'failover', pools: ['us', 'eu'] } } },
    notifications,
  }
}

function addressed(origins: readonly Origin[]) {
  return Object.fromEntries(origins.map(({ id, url }) => [id, { url }]))
}

function messagesOf({ received }: Webhook): Message[] {
  return received.map(({ body }) => JSON.parse(body) as Message)
}

interface View {
  readonly pending: number
  readonly failures: number
}

async function viewOf(router: Router): Promise<readonly View[]> {
  const { text } = await router.admin('GET', '/_portolan/v1/notifications')
  return (JSON.parse(text) as { items: View[] }).items
}

/** Of the only receiver, or of the first. */
async function firstOf(router: Router): Promise<View> {
  return (await viewOf(router))[0] ?? { pending: 0, failures: 0 }
}

describe('a region that falls and comes back', () => {
  it('is one message to each, and one incident that is resolved', async () => {
    const [regions, hook, slack, pagerDuty] = await Promise.all([
      startRegions(),
      startWebhook(),
      startSlack(),
      startPagerDuty(),
    ])
    const group = '6s'
    const notifications: Notifications = {
      hook: { type: 'webhook', url: hook.url, secret: 'HOOK_KEY', kinds: ['health'], group },
      chat: { type: 'slack', url: { secret: 'SLACK_URL' }, kinds: ['health'], group },
      pd: {
        type: 'pagerduty',
        routingKey: { secret: 'PD_KEY' },
        url: pagerDuty.enqueueUrl,
        kinds: ['health'],
        group,
      },
    }
    const secrets = { HOOK_KEY: 'a-key', SLACK_URL: slack.secretUrl, PD_KEY: ROUTING_KEY }
    const router = await startRouter(configOf(regions, notifications), { secrets })
    await until(() => regions.origins.every(({ requests }) => requests.length > 5))

    await Promise.all(regions.origins.map((origin) => origin.kill()))
    await until(() => [hook, slack, pagerDuty].every(({ received }) => received.length > 0))
    expect(messagesOf(hook)).toMatchObject([
      {
        action: 'trigger',
        severity: 'critical',
        title: expect.stringMatching(
          /^pool us is down: 2 of 2 origins unhealthy since \d\d:\d\d:\d\d UTC$/,
        ),
        dedupKey: 'portolan/pool:us',
      },
    ])
    expect(hook.received[0]?.headers['portolan-signature']).toBeDefined()
    expect(slack.received[0]?.body).toContain('pool us is down: 2 of 2 origins unhealthy')
    const key = 'portolan/pool:us'
    expect(pagerDuty.incidents.get(key)).toMatchObject({
      status: 'triggered',
      severity: 'critical',
    })

    await Promise.all(regions.origins.map((origin) => origin.revive()))
    await until(() => pagerDuty.incidents.get(key)?.status === 'resolved')
    await until(() => messagesOf(hook).at(-1)?.action === 'resolve')
    expect([...pagerDuty.incidents]).toMatchObject([[key, { opened: 1 }]])
    // What a receiver has is pending until its answer is there.
    await until(async () => (await viewOf(router)).every(({ pending }) => pending === 0))
    expect(await viewOf(router)).toMatchObject([
      { id: 'hook', pending: 0, failures: 0, dropped: 0 },
      { id: 'chat', dropped: 0 },
      { id: 'pd', pending: 0, failures: 0, dropped: 0 },
    ])
  }, 120_000)

  it('is told to a receiver who was away as it stands when he is back', async () => {
    const [regions, hook] = await Promise.all([startRegions(), startWebhook()])
    const notifications: Notifications = {
      hook: { type: 'webhook', url: hook.url, kinds: ['health'], group: '1s' },
    }
    const router = await startRouter(configOf(regions, notifications))
    await until(() => regions.origins.every(({ requests }) => requests.length > 5))
    await hook.origin.kill()
    await Promise.all(regions.origins.map((origin) => origin.kill()))
    await until(async () => (await firstOf(router)).failures >= 2)
    await Promise.all(regions.origins.map((origin) => origin.revive()))
    await until(async () => (await firstOf(router)).pending >= 2)
    await hook.origin.revive()
    await until(() => messagesOf(hook).at(-1)?.action === 'resolve')
    expect(messagesOf(hook)[0]).toMatchObject({ action: 'trigger' })
    expect(messagesOf(hook).every(({ lost }) => lost === 0)).toBe(true)
  }, 120_000)
})

describe('the admin API', () => {
  it('tries a receiver, and shows what went wrong', async () => {
    const [regions, hook] = await Promise.all([startRegions(), startWebhook()])
    const notifications: Notifications = {
      hook: { type: 'webhook', url: hook.url },
      chat: { type: 'slack', url: { secret: 'MISSING' } },
    }
    const router = await startRouter(configOf(regions, notifications))
    const tryOf = async (id: string) =>
      router.admin('POST', `/_portolan/v1/notifications/${id}/test`, {})
    const good = await tryOf('hook')
    expect([good.status, JSON.parse(good.text)]).toEqual([200, { outcome: 'delivered' }])
    expect(messagesOf(hook)).toMatchObject([{ action: 'inform', severity: 'info' }])
    const missing = await tryOf('chat')
    expect(JSON.parse(missing.text)).toMatchObject({
      outcome: 'failed',
      why: 'there is no secret "MISSING": set it with "wrangler secret put MISSING"',
    })
    expect((await tryOf('nobody')).status).toBe(404)
    expect(await viewOf(router)).toMatchObject([
      { id: 'hook', type: 'webhook', pending: 0, delivered: 0 },
      { id: 'chat', type: 'slack', pending: 0 },
    ])
  })
})
