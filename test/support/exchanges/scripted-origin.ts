import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { header, type HeaderLines } from '../client.ts'
import { type Origin, type OriginExchange, startOrigin } from '../origin.ts'
import { BODY_BYTES, type Exchange, HEAD, type OriginAnswer, STEP } from './exchange.ts'

/** How the origin was asked at one step, and when it had answered. */
export interface Asked {
  readonly isConditional: boolean
  readonly answeredAtMs: number
}

/** An origin that answers by a list of exchanges. The path says which, a header which step. */
export interface ScriptedOrigin extends Pick<Origin, 'url' | 'port' | 'stop'> {
  asked(exchange: number, step: number): readonly Asked[]
  /** Whether it has answered all that it was asked. */
  isIdle(): boolean
}

/**
 * Longer than a cache takes to answer from what it has, on a busy machine. In parts: where this process stands still for
 * a while, what came meanwhile is read before the next of them.
 */
const SLOW_MS = { part: 50, parts: 5 } as const

/** Starts an origin that knows these exchanges. */
export async function startScriptedOrigin(exchanges: readonly Exchange[]): Promise<ScriptedOrigin> {
  const log = new Map<string, Asked[]>()
  const origin = await startOrigin('scripted')
  let underWay = 0
  origin.answer(async ({ received, response }) => {
    const exchange = Number(/^\/(\d+)$/.exec(received.target)?.[1])
    const step = Number(header(received, STEP))
    const answer = exchanges[exchange]?.steps[step]?.answer
    if (!answer) {
      response.writeHead(400).end()
      return
    }
    underWay += 1
    if (answer.isSlow) await pauseInParts()
    underWay -= 1
    const isConditional = CONDITIONS.some((name) => header(received, name) !== undefined)
    const key = `${exchange} ${step}`
    log.set(key, [...(log.get(key) ?? []), { isConditional, answeredAtMs: performance.now() }])
    reply(received, response, { answer, step })
  })
  return {
    url: origin.url,
    port: origin.port,
    stop: () => origin.stop(),
    asked: (exchange, step) => log.get(`${exchange} ${step}`) ?? [],
    isIdle: () => underWay === 0,
  }
}

async function pauseInParts(): Promise<void> {
  for (let part = 0; part < SLOW_MS.parts; part += 1) await pause(SLOW_MS.part)
}

const CONDITIONS = ['if-none-match', 'if-modified-since']

/** The URL of an exchange behind a cache. */
export function urlOf(cacheUrl: string, exchange: number): string {
  return `${cacheUrl}/${exchange}`
}

function reply(
  received: OriginExchange['received'],
  response: ServerResponse,
  { answer, step }: { readonly answer: OriginAnswer; readonly step: number },
): void {
  const body = answer.content.repeat(BODY_BYTES)
  const headers = withDates(answer.headers)
  response.sendDate = false
  for (const [name, value] of headers) if (value !== '') response.appendHeader(name, value)
  response.appendHeader(HEAD, String(step))
  if (answer.status === 200 && isUnchanged(received.headers, headers)) {
    response.writeHead(304).end()
    return
  }
  if (answer.status === 200) response.setHeader('Accept-Ranges', 'bytes')
  const range = answer.status === 200 ? toRange(received.headers, headers) : undefined
  if (range) {
    response.setHeader('Content-Range', `bytes ${range.from}-${range.to}/${BODY_BYTES}`)
    response.writeHead(206).end(body.slice(range.from, range.to + 1))
    return
  }
  if (answer.status !== 204) response.setHeader('Content-Length', BODY_BYTES)
  response.writeHead(answer.status).end(answer.status === 204 ? undefined : body)
}

function withDates(headers: HeaderLines): HeaderLines {
  const hasDate = headers.some(([name]) => name === 'Date')
  const all: HeaderLines = hasDate ? headers : [['Date', '{now}'], ...headers]
  return all.map(([name, value]) => [name, toDates(value)])
}

/** Replaces what stands for dates. */
export function toDates(value: string): string {
  return value.replaceAll(/\{now([+-]\d+)?\}/g, (_, seconds: string | undefined) =>
    new Date(Date.now() + Number(seconds ?? 0) * 1000).toUTCString(),
  )
}

/** Whether the conditions of a request are met (RFC 9110 §13.2.2). */
function isUnchanged(request: HeaderLines, answer: HeaderLines): boolean {
  const tags = header({ headers: request }, 'if-none-match')
  const since = header({ headers: request }, 'if-modified-since')
  const tag = header({ headers: answer }, 'etag')?.replace(/^W\//, '')
  const modified = header({ headers: answer }, 'last-modified')
  if (tags !== undefined) return tag !== undefined && tags.includes(tag)
  if (since === undefined || modified === undefined) return false
  return Date.parse(modified) <= Date.parse(since)
}

/** Which bytes are asked for, where that can be read and If-Range allows it. */
function toRange(
  request: HeaderLines,
  answer: HeaderLines,
): { readonly from: number; readonly to: number } | undefined {
  const condition = header({ headers: request }, 'if-range')
  if (condition !== undefined && condition !== header({ headers: answer }, 'etag')) return undefined
  const range = /^bytes=(\d+)-(\d+)$/.exec(header({ headers: request }, 'range') ?? '')
  if (!range) return undefined
  const [from, to] = [Number(range[1]), Number(range[2])]
  return from > to ? undefined : { from, to }
}
