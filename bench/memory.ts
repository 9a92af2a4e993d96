import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Heap, heapOf } from './inspector.ts'
import { configOf, startRouter, statusOf, withRoute } from './router.ts'
import type { RunningWorker } from './runtime.ts'

/** What an isolate holds once the memory of its cache is full and has turned over. */
export interface MemoryStanding {
  /** Of the body of each answer. */
  readonly bodyBytes: number
  readonly mostBytes: number
  readonly entries: number
  /** As the cache counts them. */
  readonly countedBytes: number
  /** What the heap and the bodies take beyond those of the same isolate before. */
  readonly heldBytes: number
  /** What the process took at most, and before. Linux only. */
  readonly processBytes?: { readonly before: number; readonly most: number }
}

const MIB = 2 ** 20

/** The default and the most that can be set; small answers, of which there are many, and large ones. */
const CASES = [
  { bodyBytes: 3000, mostBytes: 32 * MIB },
  { bodyBytes: 10, mostBytes: 32 * MIB },
  { bodyBytes: 100_000, mostBytes: 32 * MIB },
  { bodyBytes: 3000, mostBytes: 48 * MIB },
] as const

const LANES = 24
/** Until so many answers have left for each that stays; quick runs stop when the first one leaves. */
const TURNS = 1
const WARM_UP = 300
const BATCH = 2000
const PAGES = '/shop/product/'

/** Fills the memory of a router's cache with answers that have nothing in common, and looks what its isolate holds. */
export async function measureMemory(
  isQuick: boolean,
  cores: string | undefined,
): Promise<MemoryStanding[]> {
  const standings: MemoryStanding[] = []
  for (const filled of isQuick ? CASES.slice(0, 1) : CASES) {
    standings.push(await measure(filled, { turns: isQuick ? 0 : TURNS, cores }))
  }
  return standings
}

interface Effort {
  readonly turns: number
  readonly cores: string | undefined
}

async function measure(
  { bodyBytes, mostBytes }: (typeof CASES)[number],
  { turns, cores }: Effort,
): Promise<MemoryStanding> {
  const server = await startPages(bodyBytes)
  const { port } = server.address() as AddressInfo
  const origins = [{ id: 'pages', port, weight: 1 }]
  const cache = { tiers: { colo: false, kv: false } }
  const config = {
    ...withRoute(configOf(origins), { cache }),
    settings: { cache: { memoryBytes: mostBytes } },
  }
  const router = await startRouter(origins, cores, { config, isInspected: true })
  await fill(router, '/warm-up/', WARM_UP)
  const [before, idle] = [await look(router), processBytesOf(router)]
  const isFull = async () => {
    const { entries, evictions } = (await statusOf(router)).cache.memory
    return evictions > turns * entries
  }
  for (let batch = 1; !(await isFull()); batch += 1) {
    await fill(router, `${PAGES}${batch}-`, BATCH)
  }
  const after = await look(router)
  const most = processBytesOf(router)
  await router.stop()
  server.close().closeAllConnections()
  return {
    bodyBytes,
    mostBytes,
    entries: after.memory.entries,
    countedBytes: after.memory.bytes,
    heldBytes: heldBy(after.heap) - heldBy(before.heap),
    ...(idle !== undefined && most !== undefined && { processBytes: { before: idle, most } }),
  }
}

/** Pages whose heads are texts of their own, since what is alike may be held once; all else is not to be kept. */
async function startPages(bodyBytes: number): Promise<Server> {
  const server = createServer((request, response) => {
    const own = String(Math.random())
    const isPage = request.url?.startsWith(PAGES) === true
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': isPage ? 'public, max-age=3600' : 'private',
      etag: `"${own}"`,
      'last-modified': 'Sat, 21 Nov 2026 18:00:00 GMT',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-request-time': own,
    })
    response.end('x'.repeat(isPage ? bodyBytes : 3))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** Asks for so many URLs, each once. */
async function fill({ port }: RunningWorker, path: string, count: number): Promise<void> {
  let asked = 0
  const lane = async (): Promise<void> => {
    while (asked < count) {
      asked += 1
      const response = await fetch(`http://127.0.0.1:${port}${path}${asked}`)
      await response.arrayBuffer()
      if (!response.ok) throw new Error(`an answer with ${response.status}, and nothing to keep`)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

async function look(router: RunningWorker) {
  if (router.inspectorPort === undefined) throw new Error('this router is not inspected')
  const { cache } = await statusOf(router)
  return { memory: cache.memory, heap: await heapOf(router.inspectorPort) }
}

function heldBy({ objects, buffers, runtime }: Heap): number {
  return objects + buffers + runtime
}

/** What a process has taken at most. */
function processBytesOf({ pid }: RunningWorker): number | undefined {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kib === undefined ? undefined : Number(kib) * 1024
  } catch {
    return undefined // No Linux.
  }
}
