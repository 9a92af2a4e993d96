/** An error of the API: what stands in `errors`, and the status that comes with it. */
export class CloudflareError extends Error {
  readonly status: number
  readonly code: number
  readonly chain: readonly { code: number; message: string }[]

  constructor(
    [status, code, message]: readonly [number, number, string],
    ...chain: readonly { code: number; message: string }[]
  ) {
    super(message)
    this.status = status
    this.code = code
    this.chain = chain
  }
}

/**
 * Errors of the API as its users have published them, since its reference lists the codes no more: each with where
 * it can be seen.
 */
export const CLOUDFLARE_ERRORS = {
  // github.com/jeessy2/ddns-go/issues/916
  wrongHeaders: [400, 6003, 'Invalid request headers'],
  // github.com/cloudflare/terraform-provider-cloudflare/issues/913 and issues/1533
  noPermission: [403, 10000, 'Authentication error'],
  // developers.cloudflare.com/fundamentals/api/troubleshooting; code: github.com/octodns/octodns-cloudflare/issues/60
  unknownToken: [403, 9109, 'Invalid access token'],
  mayNotList: [403, 9109, 'Unauthorized to access requested resource'],
  // github.com/zanjie1999/cloudflare-api-v4-ddns/issues/4
  noRoute: [404, 7003, 'Could not route to that path, perhaps your object identifier is invalid?'],
  // github.com/zanjie1999/cloudflare-api-v4-ddns/issues/5
  noRecord: [404, 81044, 'Record does not exist.'],
  // github.com/jeessy2/ddns-go/issues/1378
  identical: [400, 81058, 'An identical record already exists.'],
  // github.com/cloudflare/terraform-provider-cloudflare/issues/1247
  addressThere: [400, 81053, 'An A, AAAA, or CNAME record with that host already exists.'],
  // github.com/favonia/cloudflare-ddns/issues/990
  cnameThere: [400, 81054, 'A CNAME record with that host already exists.'],
  nsThere: [400, 81056, 'NS records with that host already exist.'],
  // github.com/STRRL/cloudflare-tunnel-ingress-controller/issues/168
  longComment: [400, 9313, 'DNS record comment exceeds the maximum length of 100 characters.'],
  // github.com/yulewang/cloudflare-api-v4-ddns/issues/16
  notIpv4: [400, 9005, 'Content for A record must be a valid IPv4 address.'],
  notIpv6: [400, 9006, 'Content for AAAA record must be a valid IPv6 address.'],
  notName: [400, 9007, 'Content for CNAME record is invalid.'],
  // github.com/LINKIWI/cloudflare-ddns-client/pull/30, with today's bounds of the reference
  wrongTtl: [400, 9021, 'Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.'],
  // github.com/jordantrizz/cloudflare-cli/issues/8
  notProxiable: [400, 9041, 'Invalid proxied mode. Record cannot be proxied.'],
  wrongName: [400, 9000, 'DNS name is invalid.'],
  wrongRecord: [400, 1004, 'DNS Validation Error'],
  quota: [400, 81045, 'Record quota exceeded.'],
  tags: [400, 9300, 'DNS record has more tags than the quota of 0.'],
  // github.com/RiotGames/cloud-inquisitor/issues/153
  tooFast: [
    429,
    10100,
    'More than 1200 requests per 300 seconds reached. Please wait and consider throttling your request speed',
  ],
} as const satisfies Record<string, readonly [number, number, string]>
