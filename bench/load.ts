import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { runChild, versionOf } from './child.ts'

/** What is asked, of whom and for how long. */
export interface Load {
  readonly port: number
  readonly seconds: number
  readonly connections: number
  readonly cores: string | undefined
  /** Beside those of a browser, or in their place. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** What came of it. */
export interface LoadResult {
  readonly requests: number
  readonly perSecond: number
  readonly p99Ms: number
  /** Answers other than 2xx and 3xx, and connections that broke. */
  readonly failures: number
}

/** A program that sends requests as fast as they are answered. */
export interface Generator {
  readonly name: string
  /** Whether a header whose value begins with `FRESH` has another value in each request. */
  readonly refreshes: boolean
  apply(load: Load): Promise<LoadResult>
}

/** In the place of a value: another one in each request; with a number behind it, so many in turn. */
export const FRESH = '*'

const PATH = '/api/v1/users/42?expand=teams&limit=20'

/** A browser's request as the edge hands it to a Worker: with what Cloudflare adds and sets itself. */
export const HEADERS: Readonly<Record<string, string>> = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'accept-encoding': 'gzip, br',
  'accept-language': 'en-GB,en;q=0.9,de;q=0.8',
  'cf-connecting-ip': '198.51.100.7',
  'cf-ipcountry': 'DE',
  'cf-ray': '8f1e2d3c4b5a6978-FRA',
  'cf-visitor': '{"scheme":"https"}',
  cookie: 'session=0f3c9a1b7d2e4f6a; theme=dark; _ga=GA1.1.123456789.1700000000',
  referer: 'https://app.example.com/dashboard',
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'same-origin',
  'user-agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'x-forwarded-proto': 'https',
  'x-real-ip': '198.51.100.7',
}

/** Debian's wrk where it is installed, otherwise autocannon from the dependencies. */
export function chooseGenerator(): Generator {
  const wrk = versionOf('wrk', '-v')
  if (wrk === undefined)
    return { name: 'autocannon (npm)', refreshes: false, apply: applyAutocannon }
  return { name: wrk, refreshes: true, apply: applyWrk }
}

async function applyWrk(load: Load): Promise<LoadResult> {
  const { port, seconds, connections, cores } = load
  const all = headersOf(load)
  const headers = all.flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const fresh = all.find(([, value]) => value.startsWith(FRESH))
  const script = fresh ? ['-s', fileURLToPath(new URL('fresh.lua', import.meta.url))] : []
  const named = fresh ? ['--', fresh[0], fresh[1].slice(FRESH.length)] : []
  const shape = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...script]
  const printed = await runChild(['wrk', ...shape, ...headers, urlOf(port), ...named], cores)
  const [, p99 = '', unit = ''] = /99%\s+([\d.]+)(us|ms|s)\b/.exec(printed) ?? []
  const broken = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(
    printed,
  )
  return {
    requests: numberIn(printed, /(\d+) requests in/),
    perSecond: numberIn(printed, /Requests\/sec:\s+([\d.]+)/),
    p99Ms: Number(p99) * (unit === 'us' ? 0.001 : unit === 'ms' ? 1 : 1000),
    failures: [/Non-2xx or 3xx responses: (\d+)/.exec(printed)?.[1], ...(broken ?? []).slice(1)]
      .map((count) => Number(count ?? 0))
      .reduce((sum, count) => sum + count, 0),
  }
}

function numberIn(printed: string, pattern: RegExp): number {
  const found = pattern.exec(printed)?.[1]
  if (found === undefined) throw new Error(`the load generator printed no ${pattern}:\n${printed}`)
  return Number(found)
}

const AutocannonResult = z.object({
  requests: z.object({ total: z.number(), average: z.number() }),
  latency: z.object({ p99: z.number() }),
  errors: z.number(),
  non2xx: z.number(),
})

async function applyAutocannon(load: Load): Promise<LoadResult> {
  const { port, seconds, connections, cores } = load
  const program = fileURLToPath(import.meta.resolve('autocannon'))
  const headers = headersOf(load).flatMap(([name, value]) => ['-H', `${name}=${value}`])
  const shape = ['--json', '--no-progress', '-c', String(connections), '-d', String(seconds)]
  const printed = await runChild(
    [process.execPath, program, ...shape, ...headers, urlOf(port)],
    cores,
  )
  const { requests, latency, errors, non2xx } = AutocannonResult.parse(JSON.parse(printed))
  return {
    requests: requests.total,
    perSecond: requests.average,
    p99Ms: latency.p99,
    failures: errors + non2xx,
  }
}

function headersOf({ headers }: Load): [string, string][] {
  return Object.entries({ ...HEADERS, ...headers })
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}${PATH}`
}
