import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecordSet } from '../../../src/schema/dns-record-set.ts'
import type { Ask } from '../../../dns/route53/api.ts'
import { listNames } from '../../../dns/route53/listing.ts'
import { parseXml } from '../../../dns/route53/xml.ts'
import { Account } from '../../support/route53/account.ts'
import type { ResourceRecordSet } from '../../support/route53/record-set.ts'
import { startRoute53 } from '../../support/route53/server.ts'
import { MARK, ours, startStage } from '../../support/route53/stage.ts'

describe('a zone at Route 53', () => {
  it('of a few hundred record sets is read with one request for any number of names', async () => {
    const { zone, account, hosted, server } = await startStage({}, {})
    const names = Array.from({ length: 120 }, (_, at) => `h${at}.example.com`)
    const sets = names.map((name) => ({ name, type: 'A', ttl: 60, values: ['192.0.2.1'] }))
    account.plant(hosted, ...sets)
    const read = await zone.read([...names, 'none.example.com'].map((name) => ours({ name })))
    expect(read).toMatchObject({ ok: true, value: sets })
    expect(server.log.filter((line) => line.includes('/rrset'))).toHaveLength(1)
  })

  it('is read whole and right, whatever names it has and however its pages fall', async () => {
    const label = fc.constantFrom('a', 'b', 'a-b', '0', '_a', 'z')
    const name = fc
      .tuple(fc.boolean(), fc.array(label, { minLength: 1, maxLength: 2 }))
      .map(([isWild, labels]) => `${isWild ? '*.' : ''}${labels.join('.')}.example.com`)
    const names = fc.uniqueArray(name, { minLength: 1, maxLength: 12 })
    const pageSize = fc.integer({ min: 1, max: 7 })
    const world = { there: names, asked: names, pageSize, isEscapedInOrder: fc.boolean() }
    await fc.assert(
      fc.asyncProperty(fc.record(world), async ({ there, asked, ...order }) => {
        const account = new Account(order)
        const hosted = account.addZone('example.com')
        account.plant(hosted, ...there.flatMap(toVariants))
        const read = await listNames(toAsk(account), { id: hosted.id, name: 'example.com' }, asked)
        if (!read.ok) throw new Error(read.failure.detail)
        const expected = there.filter((one) => asked.includes(one)).flatMap((one) => [one, one])
        expect(read.value.map(({ set }) => set.name).toSorted()).toEqual(expected.toSorted())
      }),
      { numRuns: 200 },
    )
  })

  it('is paged through inside a name by identifiers of any characters', async () => {
    const { zone, account, hosted, server } = await startStage({ pageSize: 1 })
    account.plant(hosted, ...toVariants('www.example.com'))
    const read = await zone.read([ours()])
    expect(read.ok && read.value.map(({ variant }) => variant?.id)).toEqual([
      '1 + "two" & three/ü*',
      '2 + "two" & three/ü*',
    ])
    expect(server.log.some((line) => line.includes('identifier='))).toBe(true)
  })

  it('shows names without their escapes, text with decimal ones, and what others keep', async () => {
    const { zone, account, hosted } = await startStage()
    account.plant(
      hosted,
      { name: '*.example.com', type: 'TXT', ttl: 5, values: [String.raw`"\344 \\ \""`, '"b"'] },
      {
        name: '_portolan-txt._wildcard.example.com',
        type: 'TXT',
        ttl: 9,
        values: ['"heritage=portolan,owner=portolan,record=www"'],
      },
      {
        name: 'www.example.com',
        type: 'A',
        values: [],
        alias: { zone: 'Z2', name: 'lb.example.org', isEvaluated: true },
      },
      {
        name: 'm.example.com',
        type: 'A',
        ttl: 60,
        values: ['192.0.2.1'],
        identifier: 'm',
        isMultiValue: true,
      },
      { name: 'm.example.com', type: 'MX', ttl: 60, values: ['10 mail.example.com'] },
    )
    const read = await zone.read([
      ours({ name: '*.example.com', type: 'TXT' }),
      ours(),
      ours({ name: 'm.example.com' }),
    ])
    const values = [String.raw`"\228 \\ \""`, '"b"']
    const expected: readonly RecordSet[] = [
      { name: '*.example.com', type: 'TXT', ttl: 5, values, mark: MARK },
      { name: 'www.example.com', type: 'A', ttl: 0, values: ['ALIAS lb.example.org'] },
      { name: 'm.example.com', type: 'A', ttl: 60, values: ['192.0.2.1'] },
    ]
    expect(read).toEqual({ ok: true, value: expected })
  })

  it('is told as garbled when it is no listing, or one without an end', async () => {
    const { zone, server } = await startStage()
    const bodies = [
      '<ListHostedZonesResponse/>',
      '<ListResourceRecordSetsResponse><IsTruncated>true</IsTruncated></ListResourceRecordSetsResponse>',
    ]
    for (const body of bodies) {
      server.strike(/rrset/, { kind: 'text', status: 200, body })
      expect(await zone.read([ours()])).toMatchObject({ ok: false, failure: { kind: 'garbled' } })
    }
    const endless = parseXml(
      '<ListResourceRecordSetsResponse><IsTruncated>true</IsTruncated><NextRecordName>www.example.com.</NextRecordName></ListResourceRecordSetsResponse>',
    )
    if (!endless) throw new Error('it is XML')
    const ask: Ask = async () => ({ ok: true, value: endless })
    const listed = await listNames(ask, { id: 'Z1', name: 'example.com' }, ['www.example.com'])
    expect(listed).toMatchObject({ ok: false, failure: { kind: 'garbled' } })
  })
})

/** An account that is asked without a line between. */
function toAsk(account: Account): Ask {
  return async ({ path, query = {} }) => {
    const pairs = Object.entries(query).map(
      ([name, value]) => `${name}=${encodeURIComponent(value)}`,
    )
    const wire = {
      method: 'GET',
      path: `/2013-04-01${path}`,
      query: pairs.join('&'),
      headers: {},
      body: '',
    }
    const reply = account.answer(wire)
    if (!('element' in reply)) throw new Error(JSON.stringify(reply))
    return { ok: true, value: reply.element }
  }
}

function toVariants(name: string): readonly ResourceRecordSet[] {
  return [1, 2].map((weight) => {
    const identifier = `${weight} + "two" & three/ü*`
    return { name, type: 'A', ttl: 60, values: ['192.0.2.1'], identifier, weight }
  })
}

async function startWith(...zones: readonly { name: string; isPrivate?: boolean }[]) {
  const account = new Account()
  for (const { name, isPrivate = false } of zones) account.addZone(name, { isPrivate })
  const server = await startRoute53({ account })
  const stage = await startStage()
  const { credentials, url } = server
  const bindings = { AWS_ID: credentials.accessKeyId, AWS_KEY: credentials.secretAccessKey }
  return { account, server, open: stage.open, settings: { url }, bindings }
}

describe('the hosted zone of a name', () => {
  it('is the public one, however many private ones have the name', async () => {
    const twins = Array.from({ length: 120 }, () => ({ name: 'example.com', isPrivate: true }))
    const { server, open, ...rest } = await startWith(...twins, { name: 'example.com' })
    expect(await open(rest).read([ours()])).toEqual({ ok: true, value: [] })
    expect(server.log).toEqual([
      'GET /2013-04-01/hostedzonesbyname?dnsname=example.com.',
      'GET /2013-04-01/hostedzonesbyname?dnsname=example.com.&hostedzoneid=Z0000000000101',
      'GET /2013-04-01/hostedzone/Z0000000000121/rrset?name=www.example.com.&maxitems=300',
    ])
    await server.stop()
  })

  it('is to be named where there are two, and missing where there is none', async () => {
    const two = await startWith({ name: 'example.com' }, { name: 'example.com' })
    const failure = {
      kind: 'no-zone',
      detail: expect.stringContaining('Z0000000000001, Z0000000000002') as string,
    }
    expect(await two.open(two).read([ours()])).toEqual({ ok: false, failure })
    const zones = { 'example.com': 'Z0000000000002' }
    const named = two.open({ ...two, settings: { ...two.settings, zones } })
    expect(await named.read([ours()])).toEqual({ ok: true, value: [] })
    expect(two.server.log).toHaveLength(2)
    const none = await startWith(
      { name: 'www.example.com' },
      { name: 'example.com', isPrivate: true },
    )
    expect(await none.open(none).read([ours()])).toMatchObject({ failure: { kind: 'no-zone' } })
    await Promise.all([two.server.stop(), none.server.stop()])
  })

  it('is looked up once, and anew after it has gone', async () => {
    const { zone, account, hosted, server } = await startStage()
    const lookUps = () => server.log.filter((line) => line.includes('byname')).length
    await zone.read([ours()])
    expect(await zone.read([ours()])).toMatchObject({ ok: true })
    expect(lookUps()).toBe(1)
    account.zones.splice(account.zones.indexOf(hosted), 1, { ...hosted, id: 'ZANOTHER' })
    expect(await zone.read([ours()])).toMatchObject({ failure: { kind: 'no-zone' } })
    expect(await zone.read([ours()])).toMatchObject({ ok: true })
    expect(lookUps()).toBe(2)
  })

  it('need not be looked up, says the refusal to do so', async () => {
    const { zone } = await startStage({ allows: ({ action }) => !action.endsWith('ByName') })
    const detail = expect.stringContaining('`zones`') as string
    expect(await zone.read([ours()])).toMatchObject({ failure: { kind: 'unauthorized', detail } })
  })
})
