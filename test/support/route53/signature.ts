import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** A request as it came over the wire: nothing decoded. */
export interface WireRequest {
  readonly method: string
  readonly path: string
  /** What stands behind the "?", or nothing. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A key of an account. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** What a signature is good for. */
export interface Scope {
  readonly region: string
  readonly service: string
}

/** Why a request is not let in. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** Five minutes either way: "Signature expired: … is now earlier than … (… - 5 min.)". */
const MOST_SKEW_MS = 5 * 60_000

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(?<id>[^/,\s]+)\/(?<day>\d{8})\/(?<region>[^/,]+)\/(?<service>[^/,]+)\/aws4_request, ?SignedHeaders=(?<names>[a-z0-9;-]+), ?Signature=(?<signature>[0-9a-f]{64})$/

/**
 * Signature Version 4 as it is published, by Node's own hashes: nothing of it is shared with what signs.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function refuseSignature(
  request: WireRequest,
  credentials: Credentials,
  { nowMs, ...scope }: Scope & { readonly nowMs: number },
): Refusal | undefined {
  const { headers } = request
  const authorization = headers['authorization']
  if (authorization === undefined) {
    return refuse('MissingAuthenticationToken', 'Missing Authentication Token')
  }
  const { id, day, region, service, names, signature } =
    AUTHORIZATION.exec(authorization)?.groups ?? {}
  const date = headers['x-amz-date'] ?? ''
  if (!id || !day || !names || !signature || !/^\d{8}T\d{6}Z$/.test(date)) {
    return refuse('IncompleteSignature', 'Authorization header requires all of its parts.')
  }
  if (id !== credentials.accessKeyId) return refuse('InvalidClientTokenId', BAD_TOKEN)
  const token = headers['x-amz-security-token']
  if (token !== credentials.sessionToken) return refuse('InvalidClientTokenId', BAD_TOKEN)
  const signed = names.split(';')
  const due = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))]
  const isBare = due.some((name) => !signed.includes(name))
  if (isBare || region !== scope.region || service !== scope.service || !date.startsWith(day)) {
    return refuse('SignatureDoesNotMatch', `Credential should be scoped to ${scope.region}.`)
  }
  const expected = sign(request, { credentials, scope, signed })
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(signature))) {
    return refuse('SignatureDoesNotMatch', MISMATCH)
  }
  const isOld = Math.abs(nowMs - toMs(date)) > MOST_SKEW_MS
  return isOld ? refuse('SignatureDoesNotMatch', `Signature expired: ${date} (5 min.)`) : undefined
}

const BAD_TOKEN = 'The security token included in the request is invalid.'
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'

function refuse(code: string, message: string): Refusal {
  return { status: 403, code, message }
}

/** The signature in hexadecimal. */
export function sign(
  request: WireRequest,
  by: {
    readonly credentials: Credentials
    readonly scope: Scope
    readonly signed: readonly string[]
  },
): string {
  const date = request.headers['x-amz-date'] ?? ''
  const day = date.slice(0, 8)
  const { region, service } = by.scope
  const scope = `${day}/${region}/${service}/aws4_request`
  const canonical = toCanonicalRequest(request, by.signed)
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')
  const seed: Buffer = Buffer.from(`AWS4${by.credentials.secretAccessKey}`)
  const key = [day, region, service, 'aws4_request'].reduce(hmac, seed)
  return hmac(key, text).toString('hex')
}

/** Step 1: what is signed of a request. */
export function toCanonicalRequest(
  { method, path, query, headers, body }: WireRequest,
  signed: readonly string[],
): string {
  const parameters = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return [name, value.join('=')].map((part) => encode(decodeURIComponent(part))).join('=')
    })
    .toSorted()
  return [
    method,
    // Each segment is encoded twice, for all services but S3.
    path.split('/').map(encode).join('/'),
    parameters.join('&'),
    ...signed.map((name) => `${name}:${(headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}`),
    '',
    signed.join(';'),
    sha256(body),
  ].join('\n')
}

/** RFC 3986: only unreserved characters stay. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function toMs(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}
