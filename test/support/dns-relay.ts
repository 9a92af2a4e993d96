import { connect, createServer, type Socket } from 'node:net'
import { type FaultyServer, listen } from './faulty-server.ts'

/** What becomes of the updates that pass through, and of the answers to them. What is not named here passes. */
export interface RelayRules {
  /** Sees each UPDATE before the server does; false: the server never sees it, and the connection is cut. */
  update?(frame: Buffer): Promise<boolean>
  /** Makes another answer of the answer to an UPDATE; after one that is not whole, or undefined, the connection is cut. */
  answer?(frame: Buffer): Buffer | undefined
}

/** The octet of a framed message that holds the opcode, and UPDATE in it (RFC 2136 §2.2). */
const OPCODE_AT = 4
const UPDATE = 5

/** A stretch of network to a name server on this machine: relays whole messages by TCP. */
export async function startDnsRelay(serverPort: number, rules: RelayRules): Promise<FaultyServer> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1')
    const cut = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', cut)
    }
    onFrames(client, async (frame) => {
      if (!isUpdate(frame) || (await (rules.update?.(frame) ?? true))) upstream.write(frame)
      else cut()
    })
    onFrames(upstream, async (frame) => {
      const answer = isUpdate(frame) && rules.answer ? rules.answer(frame) : frame
      if (!answer) cut()
      else if (answer.length < 2 + answer.readUInt16BE(0)) client.end(answer)
      else client.write(answer)
    })
  })
  return listen(server, sockets)
}

function isUpdate(frame: Buffer): boolean {
  return (((frame[OPCODE_AT] ?? 0) >> 3) & 15) === UPDATE
}

/** Messages with their lengths, one after the other. */
function onFrames(socket: Socket, hear: (frame: Buffer) => Promise<void>): void {
  let bytes = Buffer.alloc(0)
  let turn = Promise.resolve()
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
      const frame = bytes.subarray(0, 2 + bytes.readUInt16BE(0))
      bytes = bytes.subarray(frame.length)
      turn = turn.then(() => hear(frame))
    }
  })
}
