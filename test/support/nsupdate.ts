import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { TsigKey } from '../../cli/dns-servers/keys.ts'
import type { RecordSet } from '../../src/schema/dns-record-set.ts'

const run = promisify(execFile)

/** Where nsupdate sends to, and with what. */
export interface UpdateTarget {
  readonly port: number
  readonly zone: string
  readonly key: TsigKey
}

/** Changes a zone with BIND's own tool, as somebody else would: `update add www.example.test 60 A 192.0.2.1`. */
export async function nsupdate(
  { port, zone, key: { name, algorithm, secret } }: UpdateTarget,
  lines: readonly string[],
): Promise<void> {
  const script = [`server 127.0.0.1 ${port}`, `zone ${zone}`, ...lines, 'send', '']
  const running = run('nsupdate', ['-v', '-y', `${algorithm}:${name}:${secret}`])
  running.child.stdin?.end(script.join('\n'))
  await running
}

/** Puts a record set into a zone, without a mark. */
export async function plantRecordSet(target: UpdateTarget, set: RecordSet): Promise<void> {
  const { name, ttl, type, values } = set
  await nsupdate(
    target,
    values.map((value) => `update add ${name} ${ttl} ${type} ${value}`),
  )
}
