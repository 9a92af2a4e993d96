/** The origin is asked for the whole, and whether it changed is asked by whoever has something to compare. */
export const CONDITIONS: ReadonlySet<string> = new Set([
  'range',
  'if-range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
])

/**
 * What leads an origin to another answer, or to an error, by a word of the client that no cache keys: another method,
 * another path, another host, another place (PortSwigger, "Practical Web Cache Poisoning"; cpdos.org). That an answer
 * hangs on one of them hardly any origin says in `Vary`. What is removed from every request (`forwarding.ts`) is not
 * repeated.
 */
const MISLEADING: ReadonlySet<string> = new Set([
  // Another method.
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-ajax-real-method',
  // Another URL.
  'base-url',
  'orig-path-info',
  'path-info',
  'request-uri',
  'script-name',
  'x-base-url',
  'x-forwarded-path',
  'x-forwarded-uri',
  'x-forwarded-url',
  'x-http-destinationurl',
  'x-http-path-override',
  'x-original-path',
  'x-original-uri',
  'x-override-url',
  'x-proxy-url',
  'x-rewrite-uri',
  'x-uri',
  'x-url',
  // Another host or scheme.
  'front-end-https',
  'x-backend-host',
  'x-forwarded-proto-version',
  'x-forwarded-protocol',
  'x-forwarded-ssl-offloaded',
  'x-http-host-override',
  'x-https',
  'x-original-proto',
  'x-original-scheme',
  'x-scheme',
  'x-server-name',
  'x-server-port',
  'x-url-scheme',
  // Another client.
  'fastly-client-ip',
  'forwarded-for',
  'x-forwarded',
  'x-forwarded-client-ip',
  'x-ip',
  'x-original-ip',
  'x-originating-ip',
  'x-remote-addr',
  'x-remote-ip',
  // What frameworks say to themselves (CVE-2025-29927, CVE-2025-43864, CVE-2024-46982).
  'x-invoke-error',
  'x-invoke-output',
  'x-invoke-path',
  'x-invoke-query',
  'x-invoke-status',
  'x-matched-path',
  'x-middleware-invoke',
  'x-middleware-prefetch',
  'x-middleware-rewrite',
  'x-middleware-subrequest',
  'x-next-revalidated-tags',
  'x-now-route-matches',
  'x-prerender-revalidate',
  'x-react-router-prerender-data',
  'x-react-router-spa-mode',
  // What storage takes for a signed or another request.
  'x-amz-server-side-encryption',
  'x-amz-website-redirect-location',
  'x-amzn-remapped-host',
  // A GET has no content that this could be about, and some origins answer 400 or 415 to it.
  'content-encoding',
  'content-type',
  'translate',
  'x-wap-profile',
])

/** Where the edge says a client is. It hangs on the address, and only `key.country` shares it out. */
const PLACES =
  /^cf-(?:ipcountry|ipcity|ipcontinent|iplatitude|iplongitude|region|region-code|metro-code|postal-code|timezone)$/

/**
 * What an origin is told under "override": what browsers send of themselves, and what this router and the edge say. Its
 * answers are stored for all whatever it says of them, so that a header by which it may know somebody
 * (`X-Api-Key`) does not reach it unless it is in the key.
 */
const ORDINARY: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'access-control-request-headers',
  'access-control-request-method',
  'cache-control',
  'cdn-loop',
  'cf-connecting-ip',
  'cf-ray',
  'cf-visitor',
  // The runtime takes it off; what it took from a request is asked later (`nominatesFields`).
  'connection',
  'dnt',
  'forwarded',
  'from',
  'host',
  'max-forwards',
  'origin',
  'pragma',
  'priority',
  'referer',
  'save-data',
  'sec-gpc',
  'traceparent',
  'tracestate',
  'upgrade-insecure-requests',
  'user-agent',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'x-request-id',
])

const OF_BROWSERS = /^sec-(?:ch|fetch)-/

/** Whether a header may mislead an origin: what "standard" tells it is all but these. */
export function isMisleading(name: string): boolean {
  // Origins that know headers as environment variables (CGI, WSGI, PHP) do not tell "_" from "-".
  return MISLEADING.has(name.includes('_') ? name.replaceAll('_', '-') : name)
}

/** Whether a header is one of those that "override" tells an origin. */
export function isOrdinary(name: string): boolean {
  return ORDINARY.has(name) || OF_BROWSERS.test(name)
}

/** Whether a header is the edge's word on where a client is. */
export function isPlace(name: string): boolean {
  return PLACES.test(name)
}

/** Whether of these it says no more than the country. */
export function isOfCountry(name: string): boolean {
  return name === 'cf-ipcountry' || name === 'cf-ipcontinent'
}
