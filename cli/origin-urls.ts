import * as z from 'zod'

const Authored = z.looseObject({
  pools: z
    .record(
      z.string(),
      z.looseObject({ origins: z.record(z.string(), z.looseObject({ url: z.string() })) }),
    )
    .default({}),
})

/** A configuration as authored, with other addresses for some of its origins. What is given is not changed. */
export function withUrls(
  authored: unknown,
  origins: readonly { readonly id: string; readonly url: string }[],
): unknown {
  const config = Authored.parse(structuredClone(authored))
  for (const pool of Object.values(config.pools)) {
    for (const { id, url } of origins) {
      const origin = pool.origins[id]
      if (origin) origin.url = url
    }
  }
  return config
}
