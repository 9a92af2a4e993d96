import { describe, expect, it, onTestFinished } from 'vitest'
import { startBind } from '../../../cli/dns-servers/bind.ts'
import { startKnot } from '../../../cli/dns-servers/knot.ts'
import { lacks } from '../../support/dns-servers.ts'
import { change, key, open, setFor, zone } from '../rfc2136/given.ts'

describe.skipIf(lacks('bind'))('BIND with a key of the least rights', () => {
  const name = 'www.example.test'
  const updatePolicy = [
    `grant portolan name ${name} A;`,
    `grant portolan name _portolan-a.${name} TXT;`,
  ]

  it('has its record set kept, and declines any other', async () => {
    const server = await startBind({ zones: [zone], keys: [key], updatePolicy })
    onTestFinished(() => server.stop())
    const opened = open(server.port)
    const [own, other] = [setFor('www', ['192.0.2.1']), setFor('other', ['192.0.2.1'])]
    const next = { ...own, ttl: 30, values: ['192.0.2.2'] }
    const changes = [change(undefined, own), change(own, next), change(next)]
    for (const each of changes) {
      expect(await opened.apply([each])).toEqual([{ outcome: 'done' }])
    }
    const detail = 'to change other.example.test (REFUSED): the key must be allowed'
    expect(await opened.apply([change(undefined, other)])).toEqual([
      {
        outcome: 'failed',
        failure: { kind: 'refused', detail: expect.stringContaining(detail) },
      },
    ])
  })
})

describe.skipIf(lacks('knot'))('Knot with a key of the least rights', () => {
  it('has its record set kept, and declines any other, which stops no third one', async () => {
    const updateOwners = ['www', '_portolan-a.www', 'last', '_portolan-a.last']
    const server = await startKnot({ zones: [zone], keys: [key], updateOwners })
    onTestFinished(() => server.stop())
    const opened = open(server.port)
    const sets = ['www', 'other', 'last'].map((label) => setFor(label, ['192.0.2.1']))
    const detail = 'to change other.example.test (BADKEY): the key must be allowed'
    expect(await opened.apply(sets.map((set) => change(undefined, set)))).toEqual([
      { outcome: 'done' },
      {
        outcome: 'failed',
        failure: { kind: 'refused', detail: expect.stringContaining(detail) },
      },
      { outcome: 'done' },
    ])
  })
})
