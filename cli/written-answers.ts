import * as z from 'zod'
import type { Config } from '../src/schema/config.ts'
import { createAnswerReader } from '../src/schema/dns-origin.ts'

const Authored = z.looseObject({
  dns: z
    .looseObject({
      records: z
        .record(
          z.string(),
          z.looseObject({ answers: z.record(z.string(), z.unknown()).default({}) }),
        )
        .default({}),
    })
    .optional(),
})

/**
 * A configuration as authored, with the answers written down that its DNS records take from the URLs of origins: who
 * is to have another address is still the same in DNS. What is given is not changed.
 */
export function withWrittenAnswers(authored: unknown, { pools, dns }: Config): unknown {
  if (dns === undefined) return authored
  const config = Authored.parse(structuredClone(authored))
  const read = createAnswerReader()
  const origins = Object.entries(pools).flatMap(([pool, each]) =>
    Object.entries(each.origins).map(([id, { url }]) => ({ id, pool, url })),
  )
  for (const [id, record] of Object.entries(dns.records)) {
    const answers = config.dns?.records[id]?.answers
    if (answers === undefined) continue
    for (const origin of origins) {
      // Its own, or those of its pool, are there already.
      if (record.answers[origin.id] ?? record.answers[origin.pool]) continue
      const values = read(record, origin)
      if (values.length > 0) answers[origin.id] = values
    }
  }
  return config
}
