import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text as readText } from 'node:stream/consumers'

/** Where an admin API stands, and what opens it. */
export interface AdminApi {
  /** With the prefix: `http://127.0.0.1:8787/_portolan`. */
  readonly url: string
  /** Without one, only what is open to all can be asked. */
  readonly token?: string | undefined
  /** The one host on which it answers, where that is not the host of the URL. */
  readonly host?: string | undefined
}

/** A question to an admin API: below its prefix. */
export interface AdminQuestion {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
}

/** What came back: JSON as a value, anything else as its text. */
export interface AdminAnswer {
  readonly status: number
  readonly body: unknown
}

const TIMEOUT_MS = 30_000

/**
 * Asks an admin API. Rejects when there is no answer. Not by `fetch`: that one takes no Host of its own, and the
 * admin API may be bound to a host that DNS does not know yet.
 */
export function askAdmin(
  api: AdminApi,
  { method, path, body }: AdminQuestion,
): Promise<AdminAnswer> {
  const url = new URL(`${api.url}${path}`)
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const headers = {
    ...(api.token !== undefined && { authorization: `Bearer ${api.token}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(api.host !== undefined && { host: api.host }),
  }
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const sent = request(url, { method, headers, signal }, (response) => {
      readText(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, body: parseOrText(text) }),
        (error: unknown) => reject(new Error('the answer broke off', { cause: error })),
      )
    })
    sent.once('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function parseOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text // Not the admin API: told as such by whoever reads it.
  }
}
