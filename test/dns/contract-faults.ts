import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DnsFailure, RecordSet } from '../../src/schema/dns-record-set.ts'
import { type DnsOpening, openZoneInWorker } from '../support/dns-zone.ts'
import { type FaultyServer, startFaultyServer } from '../support/faulty-server.ts'
import type { Contract, Stage } from './contract.ts'

const TIMEOUT_MS = 300
/** For whoever answers at once, on a machine that pauses. */
const PATIENT_MS = 15_000
/** For a machine that has other things to do; less than to wait for each change would take. */
const SLACK_MS = 2000

/** How a provider fails: in the same kinds, in time, and without a word of its secrets. */
export function describeFaults(contract: Contract, stageOf: () => Stage): void {
  const said: string[] = []

  /** Reads and makes many changes; gives the failure of the reading, with that of each change held to be the same. */
  const failureOf = async (opening: DnsOpening): Promise<DnsFailure> => {
    const zone = openZoneInWorker(opening)
    const sets = Array.from({ length: 12 }, (_, at) => toSet(`w${at}.${opening.zone}`))
    const changes = sets.map((after) => ({ record: 'www', after, reason: 'a test' }))
    const [read, results] = await Promise.all([zone.read(sets), zone.apply(changes)])
    said.push(JSON.stringify([read, results]))
    if (read.ok) throw new Error(`it was read: ${JSON.stringify(read.value)}`)
    const kinds = results.map((result) => 'failure' in result && result.failure.kind)
    expect(kinds).toEqual(changes.map(() => read.failure.kind))
    return read.failure
  }

  describe('what cannot be asked', () => {
    it('is a zone that the server does not have', async () => {
      const failure = await failureOf({ ...stageOf(), zone: 'missing.example' })
      expect(failure).toMatchObject({ kind: 'no-zone', detail: expect.stringMatching(/missing/) })
    })

    it('is a server that does not accept the secret', async () => {
      const failure = await failureOf({ ...stageOf(), bindings: stageOf().wrong })
      expect(failure.kind).toBe('unauthorized')
    })

    it('is any, without the secret; and which one is missing is told', async () => {
      const [name = ''] = Object.keys(stageOf().bindings)
      const { [name]: _, ...bindings } = stageOf().bindings
      const failure = await failureOf({ ...stageOf(), bindings })
      expect(failure).toMatchObject({ kind: 'no-secret', detail: expect.stringContaining(name) })
    })

    it('is any, with a secret that is of no form', async () => {
      const names = Object.keys(stageOf().bindings)
      const bindings = Object.fromEntries(names.map((name) => [name, 'mün\nchen\u0000']))
      expect((await failureOf({ ...stageOf(), bindings })).kind).toBe('no-secret')
    })
  })

  const toward = (port: number): DnsOpening => ({
    ...stageOf(),
    settings: { ...stageOf().at(port), timeout: PATIENT_MS },
  })

  describe('a server that', () => {
    const servers: FaultyServer[] = []
    const answering = async (...parameters: Parameters<typeof startFaultyServer>) => {
      const server = await startFaultyServer(...parameters)
      servers.push(server)
      return toward(server.port)
    }
    let goneAt = 0

    beforeAll(async () => {
      const server = await startFaultyServer(() => undefined)
      goneAt = server.port
      await server.stop()
    })

    afterAll(() => Promise.all(servers.map((server) => server.stop())))

    it('is gone is unavailable', async () => {
      expect((await failureOf(toward(goneAt))).kind).toBe('unavailable')
    })

    it('hangs up is unavailable', async () => {
      const opening = await answering((socket) => socket.destroy())
      expect((await failureOf(opening)).kind).toBe('unavailable')
    })

    it('says nothing has timed out, once for all changes', async () => {
      const opening = impatient(await answering(() => undefined))
      const beganMs = performance.now()
      expect((await failureOf(opening)).kind).toBe('timed-out')
      expect(performance.now() - beganMs).toBeLessThan(TIMEOUT_MS + SLACK_MS)
    })

    it('never comes to its end has timed out', async () => {
      const hung = await answering((socket) => {
        // To a DNS client: a message of 18,516 bytes.
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n')
        const drip = setInterval(() => socket.write(' '), 20)
        socket.on('close', () => clearInterval(drip))
      })
      const beganMs = performance.now()
      expect((await failureOf(impatient(hung))).kind).toBe('timed-out')
      expect(performance.now() - beganMs).toBeLessThan(TIMEOUT_MS + SLACK_MS)
    })

    it('answers with garbage is garbled', async () => {
      const opening = await answering((socket) => socket.end(contract.garbage, 'latin1'))
      expect((await failureOf(opening)).kind).toBe('garbled')
    })

    it('repeats what it is told does not get that told on', async () => {
      const opening = await answering((socket, heard) => {
        socket.end(contract.echo(heard), 'latin1')
      })
      const { detail } = await failureOf(opening)
      expect(detail).not.toBe('')
    })

    it('is told of has its secrets kept', () => {
      const secrets = [stageOf().bindings, stageOf().wrong].flatMap(Object.values)
      expect(said.length).toBeGreaterThan(8)
      for (const secret of secrets) expect(said.join('\n')).not.toContain(secret)
    })
  })
}

function impatient(opening: DnsOpening): DnsOpening {
  return { ...opening, settings: { ...opening.settings, timeout: TIMEOUT_MS } }
}

function toSet(name: string): RecordSet {
  const mark = { owner: 'portolan', record: 'www' }
  return { name, type: 'A', ttl: 60, values: ['192.0.2.1'], mark }
}
