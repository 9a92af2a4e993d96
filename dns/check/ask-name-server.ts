import { toNameServer } from '../name-server.ts'
import { openConnection } from '../tcp.ts'
import { type Query, type Reading, readAnswer, toQuery } from './query.ts'

/** A server that keeps a zone answers from memory; one that takes longer is of no use to anybody. */
const TIMEOUT_MS = 5000

/** Asks a name server of a zone by TCP (RFC 7766); it must answer as who keeps it. Never throws. */
export async function askNameServer(server: string, query: Query): Promise<Reading> {
  const id = Math.floor(Math.random() * 0x10000)
  const message = toQuery(query, { id, flags: [] })
  if (message === undefined) return { ok: false, why: 'the name cannot be asked for' }
  const connection = openConnection(toNameServer(server), TIMEOUT_MS)
  const exchanged = await connection.exchange([message])
  await connection.close()
  if (!exchanged.ok) return { ok: false, why: exchanged.detail }
  const [answer = new Uint8Array()] = exchanged.answers
  return readAnswer(answer, query, { id, needs: ['authoritative'] })
}
