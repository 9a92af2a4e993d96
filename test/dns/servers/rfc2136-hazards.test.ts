import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type DnsServer, startBind } from '../../../cli/dns-servers/bind.ts'
import { startKnot } from '../../../cli/dns-servers/knot.ts'
import type { DnsZone } from '../../../dns/provider.ts'
import { openSession } from '../../../dns/rfc2136/session.ts'
import { createUpdatedZone } from '../../../dns/rfc2136/zone.ts'
import { importTsigKey } from '../../../dns/rfc2136/tsig.ts'
import type { RecordSet } from '../../../src/schema/dns-record-set.ts'
import { connectFromNode } from '../../support/dns-connection.ts'
import { type RelayRules, startDnsRelay } from '../../support/dns-relay.ts'
import { lacks } from '../../support/dns-servers.ts'
import { nsupdate } from '../../support/nsupdate.ts'
import { change, key, open, setFor, zone } from '../rfc2136/given.ts'

/** For somebody else, who makes aliases and delegations, too. */
const EVERYTHING = [`grant ${key.name} zonesub ANY;`]

describe.each([
  ['bind', startBind],
  ['knot', startKnot],
] as const)('%s by RFC 2136', (part, start) => {
  describe.skipIf(lacks(part, 'tools'))('in trouble', () => {
    let server: DnsServer

    beforeAll(async () => {
      server = await start({ zones: [zone], keys: [key], updatePolicy: EVERYTHING })
    })

    afterAll(() => server?.stop())

    const openThrough = async (rules: RelayRules, port = server.port): Promise<DnsZone> => {
      const relay = await startDnsRelay(port, rules)
      onTestFinished(() => relay.stop())
      return open(relay.port)
    }
    const somebodyElse = (...lines: readonly string[]) =>
      nsupdate({ port: server.port, zone, key }, lines)
    const make = async (set: RecordSet) =>
      expect(await open(server.port).apply([change(undefined, set)])).toEqual([{ outcome: 'done' }])
    const standing = async (set: RecordSet) => {
      const asked = await open(server.port).read([set])
      return asked.ok ? asked.value[0] : asked
    }

    it('makes one of two changes that were made of the same state', async () => {
      const before = setFor('raced', ['192.0.2.1'])
      await make(before)
      const zoneOf = await openThrough({ update: gather(2) })
      const [one, other] = [setFor('raced', ['192.0.2.2']), setFor('raced', ['192.0.2.3'])]
      const results = await Promise.all(
        [one, other].map((after) => zoneOf.apply([change(before, after)])),
      )
      const outcomes = results.flat().map(({ outcome }) => outcome)
      expect(outcomes.toSorted()).toEqual(['conflict', 'done'])
      expect(await standing(before)).toEqual(outcomes[0] === 'done' ? one : other)
    })

    it('lets one of two make what was not there', async () => {
      const zoneOf = await openThrough({ update: gather(2) })
      const sets = ['first', 'second'].map((record, at) => ({
        ...setFor('made-twice', [`192.0.2.${at}`]),
        mark: { owner: 'portolan', record },
      }))
      const results = await Promise.all(
        sets.map((after) => zoneOf.apply([change(undefined, after)])),
      )
      const outcomes = results.flat().map(({ outcome }) => outcome)
      expect(outcomes.toSorted()).toEqual(['conflict', 'done'])
      expect(await standing(setFor('made-twice', []))).toEqual(sets[outcomes.indexOf('done')])
    })

    it('counts as done what another one has made meanwhile', async () => {
      const [before, after] = [setFor('same', ['192.0.2.1']), setFor('same', ['192.0.2.2'])]
      await make(before)
      const zoneOf = await openThrough({ update: gather(2) })
      const results = await Promise.all([1, 2].map(() => zoneOf.apply([change(before, after)])))
      expect(results.flat()).toEqual([{ outcome: 'done' }, { outcome: 'done' }])
    })

    it('overwrites nothing that somebody adds right before', async () => {
      const [before, after] = [setFor('added', ['192.0.2.1']), setFor('added', ['192.0.2.2'])]
      await make(before)
      const zoneOf = await openThrough({
        update: async () => {
          await somebodyElse(`update add ${before.name} 60 A 192.0.2.77`)
          return true
        },
      })
      expect(await zoneOf.apply([change(before, after)])).toMatchObject([
        { outcome: 'conflict', detail: expect.stringContaining('192.0.2.77') },
      ])
      expect(await standing(before)).toEqual({ ...before, values: ['192.0.2.1', '192.0.2.77'] })
    })

    it('removes nothing whose mark has gone right before', async () => {
      const before = setFor('unmarked', ['192.0.2.1'])
      await make(before)
      const zoneOf = await openThrough({
        update: async () => {
          await somebodyElse(`update delete _portolan-a.${before.name} TXT`)
          return true
        },
      })
      expect(await zoneOf.apply([change(before)])).toMatchObject([{ outcome: 'conflict' }])
      const { mark: _, ...unmarked } = before
      expect(await standing(before)).toEqual(unmarked)
    })

    it.each<[string, RelayRules, 'stands' | 'does not']>([
      ['the update is lost', { update: async () => false }, 'does not'],
      ['the answer is lost', { answer: () => undefined }, 'stands'],
      ['the answer is cut off', { answer: (frame) => frame.subarray(0, -9) }, 'stands'],
    ])('does not say that it is done, nor that it is not, when %s', async (what, rules, then) => {
      const label = what.replaceAll(' ', '-')
      const sets = [setFor(label, ['192.0.2.1']), setFor(`${label}-2`, ['192.0.2.1'])]
      const changes = sets.map((after) => change(undefined, after))
      const zoneOf = await openThrough(rules)
      expect(await zoneOf.apply(changes)).toMatchObject([
        { outcome: 'unknown' },
        { outcome: 'failed', failure: { detail: expect.stringMatching(/^not tried/) } },
      ])
      const stands = await open(server.port).read(sets)
      expect(stands).toEqual({ ok: true, value: then === 'stands' ? sets.slice(0, 1) : [] })
      // Whoever tries again need not know.
      const again = await open(server.port).apply(changes)
      expect(again).toEqual([{ outcome: 'done' }, { outcome: 'done' }])
    })

    it.each<[string, RelayRules, string]>([
      ['is forged', { answer: (frame) => turnBit(frame, 5) }, 'its signature is wrong'],
      ['has lost its signature', { answer: toUnsigned(0) }, 'answered NOERROR without a signature'],
    ])('believes no answer that %s', async (what, rules, words) => {
      const set = setFor(what.replaceAll(' ', '-'), ['192.0.2.1'])
      const zoneOf = await openThrough(rules)
      expect(await zoneOf.apply([change(undefined, set)])).toMatchObject([
        {
          outcome: 'unknown',
          failure: { detail: expect.stringContaining(words) },
        },
      ])
      expect(await standing(set)).toEqual(set)
    })

    it('takes no word for it that an update was declined: the zone tells', async () => {
      const set = setFor('declines-unsigned', ['192.0.2.1'])
      const zoneOf = await openThrough({ answer: toUnsigned(5) })
      expect(await zoneOf.apply([change(undefined, set)])).toEqual([{ outcome: 'done' }])
      expect(await standing(set)).toEqual(set)
    })

    it('does not know what became of an update that the server died of', async () => {
      const mortal = await start({ zones: [zone], keys: [key] })
      onTestFinished(() => mortal.stop())
      const zoneOf = await openThrough(
        {
          update: async () => {
            await mortal.stop()
            return true
          },
        },
        mortal.port,
      )
      const set = setFor('dies', ['192.0.2.1'])
      expect(await zoneOf.apply([change(undefined, set)])).toMatchObject([
        { outcome: 'unknown', failure: { kind: 'unavailable' } },
      ])
      expect(await zoneOf.apply([change(undefined, set)])).toMatchObject([
        { outcome: 'failed', failure: { kind: 'unavailable' } },
      ])
    })

    it.each([
      ['ahead of', -400],
      ['behind', 400],
    ])('tells that its clock is %s ours', async (which, seconds) => {
      const imported = await importTsigKey({ name: key.name, algorithm: key.algorithm }, key.secret)
      if (!imported) throw new Error('no key')
      const skewed = createUpdatedZone(zone, async () => ({
        ok: true,
        value: openSession({
          connection: connectFromNode(server.port),
          key: imported,
          now: () => Date.now() + seconds * 1000,
        }),
      }))
      const detail = new RegExp(`is (39\\d|40\\d) s ${which} that of this router.*BADTIME.*NTP`)
      const failure = { kind: 'unauthorized', detail: expect.stringMatching(detail) }
      const set = setFor('late', ['192.0.2.1'])
      expect(await skewed.read([set])).toEqual({ ok: false, failure })
      expect(await skewed.apply([change(undefined, set)])).toEqual([{ outcome: 'failed', failure }])
      expect(await standing(set)).toBeUndefined()
    })

    it.each([
      ['name', { name: 'nobody' }, /BADKEY.* does not know the key "nobody" \(hmac-sha256\)/],
      ['algorithm', { algorithm: 'hmac-sha512' as const }, /BADKEY.*"portolan" \(hmac-sha512\)/],
      ['secret', { secret: 'AAAA' }, /BADSIG.*another secret for the key "portolan"/],
    ])('tells that the %s of the key is wrong', async (_, wrong, words) => {
      const asked = await open(server.port, { ...key, ...wrong }).read([setFor('any', [])])
      const detail = expect.stringMatching(words)
      expect(asked).toEqual({ ok: false, failure: { kind: 'unauthorized', detail } })
    })

    it('makes no address beside somebody’s alias, and says what is in the way', async () => {
      await somebodyElse('update add aliased.example.test 60 CNAME www.example.net')
      const results = await open(server.port).apply([
        change(undefined, setFor('aliased', ['192.0.2.1'])),
      ])
      expect(results).toMatchObject([
        { outcome: 'conflict', detail: expect.stringMatching(/beside it stands a CNAME/) },
      ])
    })

    it('keeps out of the part of the zone that is somebody else’s', async () => {
      await somebodyElse('update add theirs.example.test 60 NS ns.example.net')
      const set = setFor('www.theirs', ['192.0.2.1'])
      const detail = 'www.theirs.example.test is delegated to other name servers'
      expect(await open(server.port).apply([change(undefined, set)])).toMatchObject([
        {
          outcome: 'failed',
          failure: { kind: 'refused', detail: expect.stringContaining(detail) },
        },
      ])
    })

    it('makes a name below a wildcard that answers for it, and for its mark', async () => {
      await somebodyElse(
        'update add *.wild.example.test 60 A 192.0.2.88',
        'update add *.wild.example.test 60 TXT "v=spf1 -all"',
      )
      const set = setFor('www.wild', ['192.0.2.1'])
      expect(await standing(set)).toBeUndefined()
      await make(set)
      expect(await standing(set)).toEqual(set)
    })

    it('makes nothing where another TXT stands in the place of its mark', async () => {
      const set = setFor('occupied', ['192.0.2.1'])
      await somebodyElse(`update add _portolan-a.${set.name} 60 TXT "theirs"`)
      expect(await open(server.port).apply([change(undefined, set)])).toMatchObject([
        { outcome: 'conflict', detail: expect.stringContaining('a TXT where its mark would be') },
      ])
      expect(await standing(set)).toBeUndefined()
    })

    it('leaves alone what has a second mark beside the one of ours', async () => {
      const set = setFor('claimed', ['192.0.2.1'])
      await make(set)
      const text = 'heritage=portolan,owner=another,record=www'
      await somebodyElse(`update add _portolan-a.${set.name} 60 TXT "${text}"`)
      const { mark: _, ...unmarked } = set
      expect(await standing(set)).toEqual(unmarked)
      expect(await open(server.port).apply([change(set)])).toMatchObject([{ outcome: 'conflict' }])
    })

    it('makes what its mark, put there by hand, was waiting for', async () => {
      const set = setFor('promised', ['192.0.2.1'])
      const text = 'heritage=portolan,owner=portolan,record=www'
      await somebodyElse(`update add _portolan-a.${set.name} 60 TXT "${text}"`)
      await make(set)
      expect(await standing(set)).toEqual(set)
    })
  })
})

/** Lets updates through when so many have come: then each of them was made without knowing of the others. */
function gather(count: number): () => Promise<boolean> {
  const waiting: ((pass: boolean) => void)[] = []
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length >= count) for (const pass of waiting.splice(0)) pass(true)
    })
}

function turnBit(frame: Buffer, at: number): Buffer {
  const turned = Buffer.from(frame)
  turned[at] = (turned[at] ?? 0) ^ 1
  return turned
}

/** An answer of this rcode that has the id of the true one, and no signature. */
function toUnsigned(rcode: number): (frame: Buffer) => Buffer {
  return (frame) => {
    const head = Buffer.from([0, 12, ...frame.subarray(2, 5), rcode])
    return Buffer.concat([head, Buffer.alloc(8)])
  }
}
