import { once } from 'node:events'
import { connect } from 'node:net'
import type { DnsConnection } from '../../dns/tcp.ts'

/** A connection to a name server on this machine, for code of dns/ that is tried without the Workers runtime. */
export function connectFromNode(port: number): DnsConnection {
  const socket = connect(port, '127.0.0.1')
  return {
    async exchange(messages) {
      const answers: Uint8Array[] = []
      for (const message of messages) {
        socket.write(Buffer.from([message.length >> 8, message.length & 255, ...message]))
      }
      let bytes = Buffer.alloc(0)
      while (answers.length < messages.length) {
        const [chunk] = (await once(socket, 'data')) as [Buffer]
        bytes = Buffer.concat([bytes, chunk])
        while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
          const end = 2 + bytes.readUInt16BE(0)
          answers.push(bytes.subarray(2, end))
          bytes = bytes.subarray(end)
        }
      }
      return { ok: true, answers }
    },
    async close() {
      socket.destroy()
    },
  }
}
