import {
  GetChangeCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  ResourceRecordSetRegion,
  Route53Client,
  waitUntilResourceRecordSetsChanged,
} from '@aws-sdk/client-route-53'
import { describe, expect, it } from 'vitest'
import { create, startClientStage } from '../../support/route53/client.ts'
import { REGIONS } from '../../support/route53/rules.ts'
import { sign, toCanonicalRequest } from '../../support/route53/signature.ts'
import { change as toChange, ours, startStage } from '../../support/route53/stage.ts'

describe("the local Route 53, asked by Amazon's own client", () => {
  it('makes, lists and removes record sets', async () => {
    const { client, change, zone } = await startClientStage()
    const made = await change(create('*.Example.com'), create('www.example.com'))
    expect(made.ChangeInfo).toMatchObject({
      Status: 'PENDING',
      Id: expect.stringMatching(/^\/change\/C/),
    })
    const listing = new ListResourceRecordSetsCommand({ HostedZoneId: zone.id })
    const { ResourceRecordSets = [] } = await client.send(listing)
    expect(ResourceRecordSets.map(({ Name, Type }) => `${Name} ${Type}`)).toEqual([
      'example.com. NS',
      'example.com. SOA',
      String.raw`\052.example.com. A`,
      'www.example.com. A',
    ])
    await change({ ...create('www.example.com'), Action: 'DELETE' })
    expect(zone.sets.map(({ name }) => name)).not.toContain('www.example.com.')
  })

  it('gives every kind of set back as it was made', async () => {
    const { client, change, zone } = await startClientStage({ healthChecks: ['hc-1'] })
    const sets = [
      create('w.example.com', { SetIdentifier: 'one', Weight: 0 }),
      create('l.example.com', { SetIdentifier: 'one', Region: 'eu-central-1' }),
      create('g.example.com', { SetIdentifier: 'one', GeoLocation: { CountryCode: '*' } }),
      create('g.example.com', { SetIdentifier: 'two', GeoLocation: { ContinentCode: 'EU' } }),
      create('g.example.com', {
        SetIdentifier: 'three & "four" <5>',
        GeoLocation: { CountryCode: 'US', SubdivisionCode: 'CA' },
      }),
      create('f.example.com', { SetIdentifier: 'one', Failover: 'PRIMARY', HealthCheckId: 'hc-1' }),
      create('m.example.com', { SetIdentifier: 'one', MultiValueAnswer: true }),
      create('t.example.com', {
        Type: 'TXT',
        ResourceRecords: [{ Value: String.raw`"a \"b\" \344 <&>"` }],
      }),
    ]
    await change(...sets)
    const listing = new ListResourceRecordSetsCommand({
      HostedZoneId: zone.id,
      StartRecordName: 'f.example.com',
    })
    const { ResourceRecordSets = [] } = await client.send(listing)
    for (const { ResourceRecordSet: set } of sets) {
      expect(ResourceRecordSets).toContainEqual({ ...set, Name: `${set?.Name}.` })
    }
  })

  it('is turned page by page, inside a name with many variants, too', async () => {
    const { client, account, zone } = await startClientStage()
    const variants = Array.from({ length: 25 }, (_, at) => ({
      name: 'w.example.com',
      type: 'A',
      identifier: `v${at}`,
      weight: 1,
      ttl: 60,
      values: ['192.0.2.1'],
    }))
    account.plant(zone, ...variants)
    const ids: (string | undefined)[] = []
    // The client has no paginator for this, since a position has three parts.
    let start = {}
    for (let pages = 0; pages < 7; pages += 1) {
      const question = { HostedZoneId: zone.id, MaxItems: 4, ...start }
      const page = await client.send(new ListResourceRecordSetsCommand(question))
      ids.push(...(page.ResourceRecordSets ?? []).map((set) => set.SetIdentifier))
      expect(page.IsTruncated).toBe(pages < 6)
      start = {
        StartRecordName: page.NextRecordName,
        StartRecordType: page.NextRecordType,
        StartRecordIdentifier: page.NextRecordIdentifier,
      }
    }
    expect(ids).toHaveLength(27) // NS and SOA of the zone, too.
    expect(new Set(ids)).toEqual(
      new Set([undefined, ...variants.map(({ identifier }) => identifier)]),
    )
  })

  it('is waited for until a change is in sync', async () => {
    const { client, change } = await startClientStage({ propagationMs: 30 })
    const { ChangeInfo } = await change(create('www.example.com'))
    const Id = ChangeInfo?.Id
    expect((await client.send(new GetChangeCommand({ Id }))).ChangeInfo?.Status).toBe('PENDING')
    const waiting = { client, maxWaitTime: 5, minDelay: 0.02, maxDelay: 0.05 }
    expect(await waitUntilResourceRecordSetsChanged(waiting, { Id })).toMatchObject({
      state: 'SUCCESS',
    })
    const other = client.send(new GetChangeCommand({ Id: 'C404' }))
    await expect(other).rejects.toMatchObject({
      name: 'NoSuchChange',
      $metadata: { httpStatusCode: 404 },
    })
  })

  it('finds zones by name, private ones too', async () => {
    const { client, account } = await startClientStage()
    account.addZone('example.com', { isPrivate: true })
    account.addZone('alpha.org')
    const question = new ListHostedZonesByNameCommand({ DNSName: 'example.com', MaxItems: 1 })
    const first = await client.send(question)
    expect(first).toMatchObject({ IsTruncated: true, NextDNSName: 'example.com.', MaxItems: 1 })
    const next = { DNSName: first.NextDNSName, HostedZoneId: first.NextHostedZoneId }
    const { HostedZones = [] } = await client.send(new ListHostedZonesByNameCommand(next))
    expect(HostedZones.map((zone) => [zone.Name, zone.Config?.PrivateZone])).toEqual([
      ['example.com.', true],
      ['alpha.org.', false],
    ])
  })

  it('gives all weighted sets of a name the TTL of the last', async () => {
    const { change, zone } = await startClientStage()
    await change(
      ...['x', 'y'].map((id, at) =>
        create('a.example.com', { SetIdentifier: id, Weight: 1, TTL: 60 + at }),
      ),
    )
    expect(zone.sets.slice(2).map(({ ttl }) => ttl)).toEqual([61, 61])
  })

  it('shows it what the provider wrote', async () => {
    const { server, hosted, zone } = await startStage()
    const place = { by: 'place', id: 'a & b', place: { region: 'US-CA' } } as const
    const text = String.raw`"quotes \"\" & \195\164"`
    await zone.apply([
      toChange(undefined, ours({ variant: place })),
      toChange(undefined, ours({ name: '*.example.com', type: 'TXT', values: [text] })),
    ])
    const { url: endpoint, credentials } = server
    const client = new Route53Client({ region: 'us-east-1', endpoint, credentials })
    const listing = new ListResourceRecordSetsCommand({ HostedZoneId: hosted.id })
    const { ResourceRecordSets = [] } = await client.send(listing)
    expect(ResourceRecordSets).toContainEqual({
      Name: 'www.example.com.',
      Type: 'A',
      SetIdentifier: 'a & b',
      GeoLocation: { CountryCode: 'US', SubdivisionCode: 'CA' },
      TTL: 60,
      ResourceRecords: [{ Value: '192.0.2.1' }],
    })
    expect(ResourceRecordSets).toContainEqual({
      Name: String.raw`\052.example.com.`,
      Type: 'TXT',
      TTL: 60,
      ResourceRecords: [{ Value: String.raw`"quotes \"\" & \303\244"` }],
    })
  })

  it('knows the regions that the client knows', () => {
    expect(REGIONS.toSorted()).toEqual(Object.values<string>(ResourceRecordSetRegion).toSorted())
  })
})

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, the GET of ListUsers. */
it('checks signatures as the published example has them', () => {
  const request = {
    method: 'GET',
    path: '/',
    query: 'Action=ListUsers&Version=2010-05-08',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      host: 'iam.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
    },
    body: '',
  }
  const signed = ['content-type', 'host', 'x-amz-date']
  expect(toCanonicalRequest(request, signed).split('\n').at(-1)).toBe(
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  )
  const credentials = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  }
  const scope = { region: 'us-east-1', service: 'iam' }
  expect(sign(request, { credentials, scope, signed })).toBe(
    '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  )
})
