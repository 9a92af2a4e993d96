import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  type Change,
  type ResourceRecordSet,
  type Route53ClientConfig,
} from '@aws-sdk/client-route-53'
import { expect, it } from 'vitest'
import { create, startClientStage } from '../../support/route53/client.ts'

const NAME = 'a.example.com'

function make(rest: Partial<ResourceRecordSet>): Change {
  return create(NAME, rest)
}

function remove(rest: Partial<ResourceRecordSet> = {}): Change {
  return { ...create(NAME, rest), Action: 'DELETE' }
}

function values(...Values: string[]): Partial<ResourceRecordSet> {
  return { ResourceRecords: Values.map((Value) => ({ Value })) }
}

/** By the word of Route 53: what is refused so, and what is said of it. */
const REFUSED: Readonly<Record<string, readonly (readonly [string, readonly Change[], RegExp])[]>> =
  {
    InvalidChangeBatch: [
      ['a second of the same', [make({}), make({})], /already exists/],
      ['to remove what is not there', [remove()], /not found/],
      ['to remove it with another TTL', [make({}), remove({ TTL: 61 })], /do not match/],
      ['to remove it with other values', [make({}), remove(values('192.0.2.2'))], /do not match/],
      ['to remove it twice', [make({}), remove(), remove()], /not found/],
      [
        'to remove the name servers',
        [
          {
            Action: 'DELETE',
            ResourceRecordSet: {
              Name: 'example.com',
              Type: 'NS',
              TTL: 172_800,
              ...values('ns-2048.awsdns-64.com.'),
            },
          },
        ],
        /at least one NS/,
      ],
      ['another zone', [create('a.example.org')], /not permitted in zone/],
      [
        'a CNAME at the apex',
        [create('example.com', { Type: 'CNAME', ...values('b.org') })],
        /not permitted at apex/,
      ],
      [
        'a CNAME beside others',
        [make({}), make({ Type: 'CNAME', ...values('b.org') })],
        /conflicts with other records/,
      ],
      [
        'others beside a CNAME',
        [make({ Type: 'CNAME', ...values('b.org') }), make({})],
        /a conflicting RRSet of type CNAME/,
      ],
      [
        'weighted beside simple',
        [make({}), make({ SetIdentifier: 'x', Weight: 1 })],
        /as other RRSets exist/,
      ],
      [
        'latency beside weighted',
        [
          make({ SetIdentifier: 'y', Weight: 1 }),
          make({ SetIdentifier: 'x', Region: 'us-east-1' }),
        ],
        /as a non-latency set exists/,
      ],
      [
        'one place twice',
        ['x', 'y'].map((id) => make({ SetIdentifier: id, GeoLocation: { CountryCode: 'DE' } })),
        /same geolocation/,
      ],
      [
        'one region twice',
        ['x', 'y'].map((id) => make({ SetIdentifier: id, Region: 'eu-west-1' })),
        /same latency/,
      ],
      [
        'two primaries',
        ['x', 'y'].map((id) => make({ SetIdentifier: id, Failover: 'PRIMARY' })),
        /same failover/,
      ],
      ['a bad address', [make(values('192.0.2.256'))], /ARRDATAIllegalIPv4Address/],
      ['one value twice', [make(values('192.0.2.1', '192.0.2.1'))], /Duplicate Resource Record/],
      ['text without quotes', [make({ Type: 'TXT', ...values('bare') })], /quotation marks/],
      ['long text', [make({ Type: 'TXT', ...values(`"${'a'.repeat(256)}"`) })], /is too long/],
      ['text of other bytes', [make({ Type: 'TXT', ...values('"ä"') })], /unsupported characters/],
      [
        'too many records',
        Array.from({ length: 1001 }, (_, at) => create(`a${at}.example.com`)),
        /limit of 1000/,
      ],
      [
        'too many characters',
        Array.from({ length: 9 }, (_, at) =>
          create(`a${at}.example.com`, {
            Type: 'TXT',
            ...values(Array.from({ length: 15 }, () => `"${'a'.repeat(250)}"`).join(' ')),
          }),
        ),
        /limit of 32000/,
      ],
    ],
    InvalidInput: [
      ['a weight of 256', [make({ SetIdentifier: 'x', Weight: 256 })], /between 0 and 255/],
      ['a weight without an identifier', [make({ Weight: 1 })], /Missing field 'SetIdentifier'/],
      ['an identifier without a choice', [make({ SetIdentifier: 'x' })], /exactly one of \[Weight/],
      ['no values', [make({ ResourceRecords: [] })], /Invalid/],
      [
        'a part of Germany',
        [make({ SetIdentifier: 'x', GeoLocation: { CountryCode: 'DE', SubdivisionCode: 'BE' } })],
        /not of US/,
      ],
      [
        'a continent with a country',
        [make({ SetIdentifier: 'x', GeoLocation: { ContinentCode: 'EU', CountryCode: 'DE' } })],
        /cannot be specified with/,
      ],
      ['nothing at all', [], /Invalid XML/],
    ],
    NoSuchHealthCheck: [
      [
        'an unknown health check',
        [make({ SetIdentifier: 'x', Failover: 'PRIMARY', HealthCheckId: 'no' })],
        /no/,
      ],
    ],
  }

const CASES = Object.entries(REFUSED).flatMap(([name, cases]) =>
  cases.map(([what, changes, message]) => ({ name, what, changes, message })),
)

it.each(CASES)('a local Route 53 refuses $what: $name', async ({ name, changes, message }) => {
  const { change, zone } = await startClientStage()
  const refusal = { name, message: expect.stringMatching(message) as string }
  await expect(change(...changes)).rejects.toMatchObject(refusal)
  expect(zone.sets).toHaveLength(2)
})

it('a local Route 53 refuses a sixth request in one second, and a zone that is busy', async () => {
  const fast = await startClientStage({}, { isThrottled: true })
  const question = new ListHostedZonesByNameCommand({})
  const asking = Array.from({ length: 6 }, () => fast.client.send(question))
  const asked = await Promise.allSettled(asking)
  const refused = asked.filter(({ status }) => status === 'rejected')
  expect(refused).toMatchObject([{ reason: { name: 'Throttling', message: 'Rate exceeded' } }])
  const { change } = await startClientStage({ busyMs: 60_000 })
  await change(make({}))
  const busy = { name: 'PriorRequestNotComplete' }
  await expect(change(create('b.example.com'))).rejects.toMatchObject(busy)
})

it('a local Route 53 lets nobody in with a wrong key, id, token, date or body', async () => {
  const { toClient, server, zone } = await startClientStage()
  const { credentials } = server
  const question = new ListResourceRecordSetsCommand({ HostedZoneId: zone.id })
  const refuses = async (config: Route53ClientConfig, name: string) => {
    await expect(toClient(config).send(question)).rejects.toMatchObject({ name })
  }
  await refuses({ credentials: { ...credentials, secretAccessKey: 'no' } }, 'SignatureDoesNotMatch')
  await refuses({ credentials: { ...credentials, accessKeyId: 'AKNO' } }, 'InvalidClientTokenId')
  await refuses({ credentials: { ...credentials, sessionToken: 'no' } }, 'InvalidClientTokenId')
  await refuses({ region: 'eu-west-1' }, 'SignatureDoesNotMatch')
  const late = await startClientStage({}, { nowMs: () => Date.now() + 600_000 })
  const expired = { message: expect.stringContaining('Signature expired') as string }
  await expect(late.client.send(question)).rejects.toMatchObject(expired)
  const altering = toClient({})
  altering.middlewareStack.add(
    (next) => async (args) => {
      const request = args.request as { body: string }
      request.body = request.body.replace('192.0.2.1', '192.0.2.6')
      return next(args)
    },
    { step: 'deserialize', priority: 'low' },
  )
  const ChangeBatch = { Changes: [make({})] }
  const altered = new ChangeResourceRecordSetsCommand({ HostedZoneId: zone.id, ChangeBatch })
  await expect(altering.send(altered)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
  expect(zone.sets).toHaveLength(2)
})
