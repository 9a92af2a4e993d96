import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { TestProject } from 'vitest/node'
import type { Lives, Seeds } from './seed-worker.ts'

/** `SEED=123` lives one seed again; `SEEDS=100000` lives through more than usual. */
const { SEED: named, SEEDS: many = '10000' } = process.env

declare module 'vitest' {
  interface ProvidedContext {
    /** How many seeds there are, and the port that tells what became of them when they have all been lived. */
    readonly seeds: { readonly count: number; readonly port: number }
  }
}

/**
 * Begins with all seeds before the first test, whichever that is: they take what CPU the tests leave, and so the sooner
 * they begin, the more there is of it. In threads of plain Node: the code that vitest makes of a module to watch over it
 * takes twice as long.
 */
export async function setup(project: TestProject): Promise<() => void> {
  const workers = partsOf().map(startThread)
  const lives = Promise.all(workers.map(livesOf))
  const server = createServer((socket) => {
    lives.then(
      (lived) => socket.end(JSON.stringify(lived)),
      (error: unknown) => socket.end(String(error)),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  project.provide('seeds', { count: named === undefined ? Number(many) : 1, port })
  return () => {
    server.close()
    for (const worker of workers) void worker.terminate()
  }
}

function partsOf(): Seeds[] {
  const next = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  next[0] = Number(named ?? 0)
  const end = named === undefined ? Number(many) : Number(named) + 1
  // Each thread compiles all of it anew, which takes six seconds of CPU.
  const threads = named === undefined ? Math.min(2, availableParallelism()) : 1
  return Array.from({ length: threads }, () => ({ next, end }))
}

function startThread(seeds: Seeds): Worker {
  return new Worker(new URL('./seed-worker.ts', import.meta.url), { workerData: seeds })
}

function livesOf(worker: Worker): Promise<Lives> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
