import { afterAll, describe, expect, it } from 'vitest'
import { createStandIns, findTooMany } from '../../cli/stand-ins.ts'
import { parseStart } from '../../cli/start-options.ts'
import { type AuthoredConfig, Config } from '../../src/schema/config.ts'

function toAuthored(ids: readonly string[]): AuthoredConfig {
  const origins = ids.map((id) => [id, { url: `https://${id}.example.com`, weight: 2 }])
  return { pools: { eu: { origins: Object.fromEntries(origins) } } }
}

async function ask(config: Config, id: string): Promise<string> {
  const response = await fetch(`${config.pools['eu']?.origins[id]?.url}/hello`)
  return response.text()
}

describe('stand-ins', () => {
  const standIns = createStandIns(0)
  afterAll(() => standIns.stop())

  const place = async (authored: AuthoredConfig) =>
    Config.parse(await standIns.takePlaces(authored, Config.parse(authored)))

  it('answer in the place of the origins of a configuration', async () => {
    const authored = toAuthored(['eu-1', 'eu-2'])
    const config = await place(authored)
    expect(await ask(config, 'eu-2')).toBe('eu-2 in eu answers GET /hello\n')
    expect(config.pools['eu']?.origins['eu-1']?.weight).toBe(2)
    expect(authored).toEqual(toAuthored(['eu-1', 'eu-2']))
  })

  it('mark a file for the edge cache as they are asked to, where that can be a header', async () => {
    const { pools } = await place(toAuthored(['eu-1']))
    const tagOf = async (tag: string) => {
      const response = await fetch(
        `${pools['eu']?.origins['eu-1']?.url}/files/a?bytes=0&tag=${tag}`,
      )
      return [response.status, response.headers.get('cache-tag')]
    }
    expect(await tagOf('red')).toEqual([200, 'red'])
    expect(await tagOf('red%0d%0ablue')).toEqual([200, null])
  })

  it('stay where they are when a changed file brings others', async () => {
    const before = await place(toAuthored(['eu-1']))
    const after = await place(toAuthored(['eu-1', 'eu-3']))
    expect(after.pools['eu']?.origins['eu-1']?.url).toBe(before.pools['eu']?.origins['eu-1']?.url)
    expect(await ask(after, 'eu-3')).toBe('eu-3 in eu answers GET /hello\n')
    expect(standIns.origins.map(({ id }) => id)).toEqual(['eu-1', 'eu-2', 'eu-3'])
  })

  it('are in DNS what those are in whose place they stand', async () => {
    const record = { provider: 'cf', zone: 'a.io', name: 'a.io', route: 'all' }
    const authored: AuthoredConfig = {
      ...toAuthored(['eu-1', 'eu-2']),
      routes: { all: { steer: { policy: 'failover', pools: ['eu'] } } },
      dns: { records: { apex: { ...record, type: 'CNAME', answers: { 'eu-2': 'own.a.io' } } } },
    }
    const { dns } = await place(authored)
    expect(dns?.records['apex']?.answers).toEqual({
      'eu-1': ['eu-1.example.com'],
      'eu-2': ['own.a.io'],
    })
  })

  it('are not as many as a fleet', () => {
    const ids = Array.from({ length: 65 }, (_, at) => `eu-${at}`)
    expect(findTooMany(Config.parse(toAuthored(ids.slice(1))))).toBeUndefined()
    expect(findTooMany(Config.parse(toAuthored(ids)))).toContain('has 65')
  })

  it('go with a file', () => {
    expect(parseStart(['--stand-ins'])).toMatchObject({ type: 'wrong' })
    const parsed = parseStart(['--config', 'my.jsonc', '--stand-ins'])
    expect(parsed).toMatchObject({ type: 'run', options: { standIns: true } })
  })
})
