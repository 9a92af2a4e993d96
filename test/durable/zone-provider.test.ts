import { beforeEach, expect, it, vi } from 'vitest'
import { createProviderSource } from '../../durable/zone/provider.ts'
import { Dns } from '../../src/schema/dns.ts'

const NAME = { provider: 'cf', zone: 'example.com' }
const KEY = { name: 'www.example.com', type: 'A' } as const

/** Paths that were asked for, without their queries. */
const asked: string[] = []

function dnsOf(settings: object): Dns {
  return Dns.parse({
    providers: { cf: { type: 'cloudflare', token: { secret: 'CF' }, ...settings } },
  })
}

beforeEach(() => {
  asked.length = 0
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const { pathname } = new URL(new Request(input, init).url)
    asked.push(pathname.replace('/client/v4', ''))
    const result = pathname.endsWith('/zones') ? [{ id: 'z1', name: NAME.zone }] : []
    const pages = { page: 1, per_page: 50, count: result.length, total_count: 1, total_pages: 1 }
    return Response.json({ success: true, errors: [], messages: [], result, result_info: pages })
  })
})

it('looks the id of a zone up once, and again when the settings are others', async () => {
  const open = createProviderSource(() => ({ CF: 'token' }))
  for (const dns of [dnsOf({}), dnsOf({}), dnsOf({ timeout: '5s' })]) {
    expect(await open(dns, NAME)?.read([KEY])).toEqual({ ok: true, value: [] })
  }
  const records = '/zones/z1/dns_records'
  expect(asked).toEqual(['/zones', records, records, '/zones', records])
})

it('opens nothing without the provider', () => {
  const open = createProviderSource(() => ({}))
  expect(open(undefined, NAME)).toBeUndefined()
  expect(open(dnsOf({}), { ...NAME, provider: 'constructor' })).toBeUndefined()
})
