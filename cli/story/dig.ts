import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findProgram } from '../debian/program.ts'
import type { Asked } from './dns-stage.ts'

const run = promisify(execFile)

/** What a server answered. */
export interface Dug {
  /** Empty: there is no such record. */
  readonly addresses: readonly string[]
  readonly ttl: number
}

/** Asks a server on this machine by `dig`. Rejects when it does not answer: the servers of a story never fall. */
export async function dig({ port, name }: Asked): Promise<Dug> {
  const program = findProgram('dig')
  if (program === undefined) throw new Error('there is no dig on this machine')
  const args = ['@127.0.0.1', '-p', String(port), name, 'A', '+noall', '+answer', '+tries=3']
  const { stdout } = await run(program, args)
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith(';'))
  const records = lines.map((line) => line.split(/\s+/))
  return {
    addresses: records.flatMap(([, , , , address]) => address ?? []).toSorted(),
    ttl: Number(records[0]?.[1] ?? 0),
  }
}
