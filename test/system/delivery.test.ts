import { describe, expect, it } from 'vitest'
import { ROUTING_KEY, startPagerDuty } from '../support/pagerduty.ts'
import { startSlack } from '../support/slack.ts'
import { until } from '../support/until.ts'
import {
  documentedVerifier,
  message,
  pagerDutyAt,
  shareDelivery,
  slackBy,
  webhookAt,
} from '../support/webhook-delivery.ts'
import { startWebhook } from '../support/webhook.ts'

const SECRET = 'a-secret-for-the-tests'

const withSecrets = shareDelivery()

describe('a webhook', () => {
  it('gets the message as JSON, under its id', async () => {
    const [hook, deliver] = [await startWebhook(), withSecrets()]
    expect(await deliver(webhookAt(hook), message)).toEqual({ outcome: 'delivered' })
    expect(hook.received).toMatchObject([
      {
        method: 'POST',
        path: '/hook?team=1',
        headers: {
          'content-type': 'application/json',
          'portolan-message': 'mff0-1',
          'user-agent': 'Portolan',
        },
      },
    ])
    expect(JSON.parse(hook.received[0]?.body ?? '')).toEqual(message)
    expect(hook.received[0]?.headers).not.toHaveProperty('portolan-signature')
  })

  it('can verify it as the documentation shows, and refuses what is old or forged', async () => {
    const { isGenuine } = await documentedVerifier()
    const hook = await startWebhook()
    const deliver = withSecrets({ HOOK_KEY: SECRET })
    await deliver(webhookAt(hook, 'HOOK_KEY'), message)
    const [received] = hook.received
    if (received === undefined) throw new Error('nothing was delivered')
    const { headers, body } = received
    const signature = headers['portolan-signature'] ?? ''
    expect(signature).toMatch(/^t=\d{10},v1=[0-9a-f]{64}$/)
    expect(isGenuine({ headers, body }, SECRET)).toBe(true)
    expect(isGenuine({ headers, body }, `${SECRET}!`)).toBe(false)
    expect(isGenuine({ headers, body: body.replace('critical', 'info') }, SECRET)).toBe(false)
    const signedMs = Number(signature.slice(2, 12)) * 1000
    const taken = [-301_000, -300_000, 300_000, 301_000].map((ms) =>
      isGenuine({ headers, body }, SECRET, signedMs + ms),
    )
    expect(taken).toEqual([false, true, true, false])
    expect(isGenuine({ headers: {}, body }, SECRET)).toBe(false)
    const moved = { 'portolan-signature': signature.replace(/\d{10}/, `${signedMs / 1000 + 1}`) }
    expect(isGenuine({ headers: moved, body }, SECRET)).toBe(false)
  })

  it.each([
    [400, 'drop'],
    [413, 'drop'],
    [422, 'drop'],
    [301, 'hold'],
    [307, 'hold'],
    [401, 'hold'],
    [403, 'hold'],
    [404, 'hold'],
    [410, 'hold'],
    [408, 'retry'],
    [425, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
  ] as const)('that answers %i leads to: %s', async (status, next) => {
    const [hook, deliver] = [await startWebhook(), withSecrets()]
    hook.answerNext({
      status,
      body: 'no,\n  thanks',
      headers: { location: `${hook.url}/elsewhere` },
    })
    const delivery = await deliver(webhookAt(hook), message)
    expect(delivery).toMatchObject({ outcome: 'failed', next })
    expect(delivery).toHaveProperty('why', expect.stringMatching(`^status ${status}: no, thanks`))
    expect(hook.received).toHaveLength(1)
  })

  it('may ask for a pause, in seconds or until a time', async () => {
    const [hook, deliver] = [await startWebhook(), withSecrets()]
    const date = new Date(Date.now() + 60_000).toUTCString()
    hook.answerNext(
      { status: 429, headers: { 'retry-after': '30' } },
      { status: 503, headers: { 'retry-after': date } },
    )
    expect(await deliver(webhookAt(hook), message)).toMatchObject({ retryAfterMs: 30_000 })
    const { retryAfterMs = 0 } = (await deliver(webhookAt(hook), message)) as {
      retryAfterMs?: number
    }
    expect(retryAfterMs).toBeGreaterThan(50_000)
    expect(retryAfterMs).toBeLessThanOrEqual(60_000)
  })

  it('that is dead, or says nothing, is tried again', async () => {
    const [hook, deliver] = [await startWebhook(), withSecrets()]
    hook.answerNext('nothing')
    const startedAtMs = Date.now()
    const silent = await deliver(webhookAt(hook), message)
    expect(silent).toEqual({ outcome: 'failed', why: 'no answer within 10000 ms', next: 'retry' })
    expect(Date.now() - startedAtMs).toBeLessThan(13_000)
    await hook.origin.kill()
    expect(await deliver(webhookAt(hook), message)).toMatchObject({
      outcome: 'failed',
      next: 'retry',
    })
  })

  it('that answers without end is read to a bound', async () => {
    const [hook, deliver] = [await startWebhook(), withSecrets()]
    hook.answerNext({ status: 500, body: 'x'.repeat(5_000_000) })
    const delivery = await deliver(webhookAt(hook), message)
    expect(JSON.stringify(delivery).length).toBeLessThan(400)
  })
})

describe('a secret', () => {
  it('that is missing or no address is told by name, until somebody mends it', async () => {
    const deliver = withSecrets({ EMPTY: ' ', NOT_A_URL: 'ftp://hidden.example.com' })
    for (const secret of ['MISSING', 'EMPTY']) {
      expect(await deliver(slackBy(secret), message)).toEqual({
        outcome: 'failed',
        why: `there is no secret "${secret}": set it with "wrangler secret put ${secret}"`,
        next: 'hold',
      })
    }
    const wrong = await deliver(slackBy('NOT_A_URL'), message)
    const why = 'the secret "NOT_A_URL" is no https address'
    expect(wrong).toEqual({ outcome: 'failed', why, next: 'hold' })
  })

  it('never stands in what is told of a failure', async () => {
    const hook = await startWebhook()
    const deliver = withSecrets({ KEY: SECRET, PLACE: `${hook.url}/${SECRET}` })
    hook.answerNext(
      { status: 500, body: `${'.'.repeat(280)} your key ${SECRET} is odd` },
      { status: 500, body: `no ${hook.url}/${SECRET} here` },
    )
    const signed = await deliver({ type: 'webhook', url: hook.url, secret: 'KEY' }, message)
    const chat = await deliver(slackBy('PLACE'), message)
    await hook.origin.kill()
    const dead = await deliver(slackBy('PLACE'), message)
    expect([signed, chat, dead].map(({ outcome }) => outcome)).toEqual([
      'failed',
      'failed',
      'failed',
    ])
    expect(JSON.stringify([signed, chat, dead])).not.toContain(SECRET.slice(0, 8))
  })
})

describe('a channel of Slack', () => {
  const address = slackBy('SLACK_URL')

  it('gets a message that calls nobody by accident', async () => {
    const slack = await startSlack()
    const deliver = withSecrets({ SLACK_URL: slack.secretUrl })
    expect(await deliver(address, message)).toEqual({ outcome: 'delivered' })
    const body: unknown = JSON.parse(slack.received[0]?.body ?? '')
    expect(body).toMatchObject({
      text: expect.stringContaining('&lt;!channel&gt; &amp; more'),
      blocks: [
        { type: 'header', text: { text: `:red_circle: ${message.title}` } },
        { type: 'section', text: { type: 'plain_text', text: message.text } },
        { type: 'context' },
      ],
    })
  })

  it('takes the longest message there is, and one without text', async () => {
    const slack = await startSlack()
    const deliver = withSecrets({ SLACK_URL: slack.secretUrl })
    const long = { ...message, title: 'é'.repeat(512), text: '<&>'.repeat(2730) }
    expect(await deliver(address, long)).toEqual({ outcome: 'delivered' })
    await new Promise((resolve) => setTimeout(resolve, 1100))
    const resolved = { ...message, action: 'resolve', text: '' } as const
    expect(await deliver(address, resolved)).toEqual({ outcome: 'delivered' })
    expect(slack.received[1]?.body).toContain(':large_green_circle:')
  })

  it('that is told too much asks for a pause; one that is gone has to be mended', async () => {
    const slack = await startSlack()
    const deliver = withSecrets({ SLACK_URL: slack.secretUrl, OTHER: `${slack.url}/gone` })
    let told = await deliver(address, message)
    // On a slow machine the second one may be a second later.
    await until(async () => {
      told = await deliver(address, message)
      return told.outcome === 'failed'
    })
    expect(told).toMatchObject({ next: 'retry', retryAfterMs: 1000 })
    const gone = await deliver(slackBy('OTHER'), message)
    expect(gone).toEqual({ outcome: 'failed', why: 'status 404: no_service', next: 'hold' })
    slack.answerNext(
      { status: 403, body: 'action_prohibited' },
      { status: 410, body: 'channel_is_archived' },
    )
    expect(await deliver(address, message)).toMatchObject({ next: 'hold' })
    expect(await deliver(address, message)).toMatchObject({ next: 'hold' })
  })
})

describe('PagerDuty', () => {
  it('opens an incident and resolves it under one key', async () => {
    const pagerDuty = await startPagerDuty()
    const deliver = withSecrets({ PD_KEY: ` ${ROUTING_KEY}\n` })
    const address = pagerDutyAt(pagerDuty.enqueueUrl)
    expect(await deliver(address, message)).toEqual({ outcome: 'delivered' })
    expect(await deliver(address, message)).toEqual({ outcome: 'delivered' })
    const incident = { summary: message.title, severity: 'critical', opened: 1 }
    const { incidents } = pagerDuty
    expect([...incidents]).toEqual([['portolan/pool:us', { ...incident, status: 'triggered' }]])
    await deliver(address, { ...message, id: 'mff0-2', action: 'resolve' })
    expect([...incidents]).toEqual([['portolan/pool:us', { ...incident, status: 'resolved' }]])
    expect(JSON.parse(pagerDuty.received[0]?.body ?? '')).toMatchObject({
      client: 'Portolan',
      payload: {
        source: 'portolan',
        timestamp: '2026-11-21T12:00:03.000Z',
        component: 'origin:us-1',
        group: 'us',
        class: 'health',
        custom_details: { message: 'mff0-1' },
      },
    })
  })

  it('takes the longest message there is', async () => {
    const pagerDuty = await startPagerDuty()
    const deliver = withSecrets({ PD_KEY: ROUTING_KEY })
    const [first] = message.notices
    if (first === undefined) throw new Error('the message has no notice')
    const notices = Array.from({ length: 10 }, () => ({
      ...first,
      title: '🚦'.repeat(100),
      text: '🚦'.repeat(512),
    }))
    const title = 'é'.repeat(512)
    const dedupKey = `${'n'.repeat(32)}/${'k'.repeat(200)}`
    const long = { ...message, title, text: '🚦'.repeat(4096), dedupKey, notices }
    expect(await deliver(pagerDutyAt(pagerDuty.enqueueUrl), long)).toEqual({ outcome: 'delivered' })
  })

  it('that refuses the key waits to be mended, one that refuses a message does not get it again', async () => {
    const pagerDuty = await startPagerDuty()
    const deliver = withSecrets({ PD_KEY: 'too-short' })
    const address = pagerDutyAt(pagerDuty.enqueueUrl)
    const refused = await deliver(address, message)
    expect(refused).toMatchObject({ outcome: 'failed', next: 'hold' })
    expect(refused).toHaveProperty('why', expect.stringContaining('should be 32 characters'))
    const good = withSecrets({ PD_KEY: ROUTING_KEY })
    expect(await good(address, { ...message, title: '' })).toMatchObject({ next: 'drop' })
    pagerDuty.answerNext({ status: 429 })
    expect(await good(address, message)).toMatchObject({ next: 'retry' })
  })
})

describe('a trial', () => {
  it('reaches a receiver, and leaves no incident open', async () => {
    const [hook, slack, pagerDuty] = await Promise.all([
      startWebhook(),
      startSlack(),
      startPagerDuty(),
    ])
    const deliver = withSecrets({ SLACK_URL: slack.secretUrl, PD_KEY: ROUTING_KEY })
    const delivered = { outcome: 'delivered' }
    expect(await deliver({ type: 'webhook', url: hook.url })).toEqual(delivered)
    expect(await deliver(slackBy('SLACK_URL'))).toEqual(delivered)
    expect(await deliver(pagerDutyAt(pagerDuty.enqueueUrl))).toEqual(delivered)
    expect(JSON.parse(hook.received[0]?.body ?? '')).toMatchObject({ action: 'inform' })
    expect([...pagerDuty.incidents.values()]).toMatchObject([{ status: 'resolved', opened: 1 }])
    hook.answerNext({ status: 404, body: 'gone' })
    expect(await deliver({ type: 'webhook', url: hook.url })).toMatchObject({
      why: 'status 404: gone',
    })
  })
})
