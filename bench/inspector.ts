import * as z from 'zod'

/** What an isolate holds after its garbage is collected, in bytes. */
export interface Heap {
  /** Objects and texts of JavaScript. */
  readonly objects: number
  /** Bodies: what array buffers hold, which lies beside the heap. */
  readonly buffers: number
  /** What the runtime holds for objects of JavaScript. */
  readonly runtime: number
}

const Answer = z.object({ id: z.int(), result: z.record(z.string(), z.unknown()) })
const Usage = z.object({
  usedSize: z.number(),
  backingStorageSize: z.number(),
  embedderHeapUsedSize: z.number(),
})

/** Collects the garbage of the Worker of a workerd that is inspected, and looks what is left. */
export async function heapOf(port: number): Promise<Heap> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/main`)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', reject, { once: true })
  })
  let asked = 0
  const ask = (method: string): Promise<unknown> =>
    new Promise((resolve) => {
      asked += 1
      const id = asked
      const listen = ({ data }: MessageEvent): void => {
        const answer = Answer.safeParse(JSON.parse(String(data)))
        if (answer.data?.id !== id) return
        socket.removeEventListener('message', listen)
        resolve(answer.data.result)
      }
      socket.addEventListener('message', listen)
      socket.send(JSON.stringify({ id, method }))
    })
  await ask('HeapProfiler.collectGarbage')
  await ask('HeapProfiler.collectGarbage')
  const usage = Usage.parse(await ask('Runtime.getHeapUsage'))
  socket.close()
  return {
    objects: usage.usedSize,
    buffers: usage.backingStorageSize,
    runtime: usage.embedderHeapUsedSize,
  }
}
