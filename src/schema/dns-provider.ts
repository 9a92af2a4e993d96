import * as z from 'zod'
import { boundedRecord } from './bounded-record.ts'
import { DnsName } from './dns-record-set.ts'
import { duration } from './duration.ts'
import { HostName } from './http.ts'
import { SecretName } from './secret.ts'

const secret = z.strictObject({ secret: SecretName })

const ApiUrl = z
  .url({ protocol: /^https?$/ })
  .max(512)
  .transform((url) => url.replace(/\/+$/, ''))
  .refine((url) => /^https:|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])([:/]|$)/.test(url), {
    error:
      'a provider is asked by https, since the request carries a secret; http is for this very machine',
  })

/** A host or an address, and a port: "ns1.example.com:53", "192.0.2.1", "[2001:db8::1]:53". Default port 53. */
export const DnsServer = z
  .string()
  .max(300)
  .regex(/^(\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9_.-]+)(:\d{1,5})?$/, {
    error: 'a name server is "host", "host:port" or "[IPv6]:port"',
  })

const common = {
  timeout: duration({ min: '1s', max: '30s' }).prefault('10s').describe('Of one request.'),
  nameServers: z
    .array(DnsServer)
    .min(1)
    .max(8)
    .optional()
    .describe(
      'Where its answers are read back by DNS over TCP. Default: those that the NS records of the zone name.',
    ),
}

const zones = boundedRecord(
  HostName,
  z.string().regex(/^[A-Za-z0-9]{1,64}$/, { error: 'the id of a zone is letters and digits' }),
  { most: 100, plural: 'zones' },
)
  .default({})
  .describe(
    'Ids of zones by name. What is not here is looked up, which needs the right to list zones.',
  )

/** Who keeps a zone. A provider is one file in dns/, one arm here and one line in dns/registry.ts. */
export const DnsProvider = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('cloudflare'),
    token: secret.describe('An API token with DNS:Edit on the zone.'),
    url: ApiUrl.default('https://api.cloudflare.com/client/v4'),
    zones,
    ...common,
  }),
  z.strictObject({
    type: z.literal('route53'),
    accessKeyId: secret,
    secretAccessKey: secret,
    sessionToken: secret.optional(),
    url: ApiUrl.default('https://route53.amazonaws.com'),
    zones,
    inSync: duration({ min: '0s', max: '2m' })
      .prefault('1m')
      .describe(
        'How long a change is watched until all servers of Route 53 have it (INSYNC); 0 s: not at all.',
      ),
    ...common,
  }),
  z.strictObject({
    type: z.literal('rfc2136'),
    server: DnsServer.describe('The primary server, asked by TCP.'),
    key: z.strictObject({
      name: DnsName.describe('The name of the TSIG key, in lower case, without a dot at its end.'),
      algorithm: z.enum(['hmac-sha256', 'hmac-sha512']).default('hmac-sha256'),
      secret: SecretName.describe('Name of the secret that holds the key in base64.'),
    }),
    ...common,
  }),
  z.strictObject({
    type: z.literal('powerdns'),
    url: ApiUrl.describe('Of the API: "https://pdns.example.com:8081".'),
    server: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,64}$/)
      .default('localhost')
      .describe('The id of the server in its API.'),
    key: secret,
    ...common,
  }),
])
export type DnsProvider = z.output<typeof DnsProvider>

/** The settings of one kind of provider. */
export type ProviderSettings<Type extends DnsProvider['type']> = Extract<
  DnsProvider,
  { type: Type }
>
