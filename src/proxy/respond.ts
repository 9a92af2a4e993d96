import type { Redirect, Route } from '../schema/route.ts'
import { changeHeaders } from './header-changes.ts'
import type { RequestUrl } from './request-url.ts'

/** Statuses that have no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
const BODILESS: readonly number[] = [204, 205, 304]

/** The fixed answer of a route. */
export function respond(answer: NonNullable<Route['respond']>, route: Route): Response {
  const { status, headers, body } = answer
  const response = new Response(BODILESS.includes(status) ? null : body, { status })
  for (const name in headers) response.headers.set(name, headers[name] ?? '')
  if (route.responseHeaders) changeHeaders(response.headers, route.responseHeaders)
  return response
}

/** The redirect of a route. */
export function redirect(to: Redirect, route: Route, url: RequestUrl): Response {
  const headers = new Headers({ location: toLocation(to, url) })
  if (route.responseHeaders) changeHeaders(headers, route.responseHeaders)
  return new Response(null, { status: to.status, headers })
}

/** The port is the client's only as long as neither scheme nor host change (Gateway API, HTTPRequestRedirectFilter). */
function toLocation(to: Redirect, url: RequestUrl): string {
  const scheme = to.scheme ?? url.scheme
  const isElsewhere = to.host !== undefined || scheme !== url.scheme
  const authority = isElsewhere ? (to.host ?? url.host) : url.authority
  const query = to.query === 'keep' ? url.query : ''
  return `${scheme}://${authority}${to.path ?? url.path}${query}`
}
