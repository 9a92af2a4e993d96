import type { DnsFailure } from '../../src/schema/dns-record-set.ts'
import type { Exchanged } from '../tcp.ts'
import { FUDGE_SECONDS, type TsigKey, type Verified } from './tsig.ts'

/** The last moment that a date can be: TSIG can tell later ones. */
const LAST_MS = 8.64e15

/** Why nothing came back. */
export function toTransportFailure(exchanged: Extract<Exchanged, { ok: false }>): DnsFailure {
  const { kind, sent, detail } = exchanged
  const cure = sent
    ? ''
    : '; a Worker reaches only public addresses that are not of Cloudflare itself, and the server must take TCP'
  return fail(kind, `${detail}${cure}`)
}

/** Why an answer is not believed. */
export function toVerdictFailure(
  verified: Exclude<Verified, { verdict: 'trusted' }>,
  key: TsigKey,
  nowMs: number,
): DnsFailure {
  switch (verified.verdict) {
    case 'refused':
      return fail(
        'garbled',
        `an answer that cannot be the one of the name server is not believed: ${verified.why}`,
      )
    case 'bad-time':
      return fail('unauthorized', tellClocks(verified.serverMs, nowMs))
    case 'unsigned':
      return toUnsignedFailure(toUnsignedCode(verified), key)
  }
}

/** What an answer without a signature says: the error in its TSIG record, or its rcode where it has none. */
export function toUnsignedCode({
  error,
  message,
}: Extract<Verified, { verdict: 'unsigned' }>): string {
  return error === 'NOERROR' ? message.rcode : error
}

function tellClocks(serverMs: number, nowMs: number): string {
  const seconds = Math.round((serverMs - nowMs) / 1000)
  const which = seconds > 0 ? 'ahead of' : 'behind'
  const told = new Date(Math.min(serverMs, LAST_MS)).toISOString()
  return (
    `the clock of the name server (${told}) is ${Math.abs(seconds)} s ${which} that of this ` +
    `router, and TSIG allows ${FUDGE_SECONDS} s (BADTIME): set the clock of the server, such as by NTP`
  )
}

function toUnsignedFailure(said: string, key: TsigKey): DnsFailure {
  const which = `the key "${key.name}" (${key.algorithm})`
  const head = `the name server answered ${said} without a signature`
  switch (said) {
    case 'BADKEY':
      return fail(
        'unauthorized',
        `${head}: it does not know ${which}; name and algorithm must be those of a key of the server`,
      )
    case 'BADSIG':
      return fail(
        'unauthorized',
        `${head}: it has another secret for ${which}; give this router the secret of the server`,
      )
    case 'BADTIME':
      return fail('unauthorized', `${head}: its clock is more than ${FUDGE_SECONDS} s from ours`)
    case 'NOTAUTH':
    case 'REFUSED':
      // PowerDNS says no more than that of any of these.
      return fail(
        'unauthorized',
        `${head}: it does not know ${which}, or has another secret for it, or its clock is more than ` +
          `${FUDGE_SECONDS} s from ours, or it takes no requests from here`,
      )
    case 'SERVFAIL':
      return fail('unavailable', `${head}: its log says why`)
    case 'NOERROR':
      return fail('garbled', `${head}, so it is not believed: it must know ${which}`)
    default:
      return fail('refused', `${head}: is it a name server that knows TSIG?`)
  }
}

/** Why the zone cannot be read, by the answer to the question for its SOA. */
export function toZoneFailure(zone: string, rcode: string): DnsFailure {
  switch (rcode) {
    case 'SERVFAIL':
      return fail(
        'unavailable',
        `the name server answers SERVFAIL for the zone ${zone}: its log says why, such as that the zone could not be loaded or has expired`,
      )
    case 'FORMERR':
    case 'NOTIMP':
      return fail('refused', `the name server answers ${rcode} to a question for ${zone}`)
    default:
      return fail(
        'no-zone',
        `the name server does not keep the zone ${zone} (${rcode}): give the address of its primary server, and the zone as the server ` +
          'has it; or its key may not ask for it (BIND: allow-query)',
      )
  }
}

/** Why a question was not answered. */
export function toQueryFailure(name: string, rcode: string): DnsFailure {
  const kind = rcode === 'SERVFAIL' ? 'unavailable' : 'refused'
  return fail(kind, `the name server answers ${rcode} to a question for ${name}`)
}

/**
 * Why an UPDATE was declined (RFC 2136 §2.2), with the likely cure. Prerequisites are not told of here. Knot answers
 * BADKEY, without a signature, where the key is right and may not make this change.
 */
export function toUpdateFailure(rcode: string, what: { name: string; zone: string }): DnsFailure {
  const head = `the name server declined to change ${what.name} (${rcode})`
  switch (rcode) {
    case 'REFUSED':
    case 'BADKEY':
      return fail(
        'refused',
        `${head}: the key must be allowed to change this name and type, and the TXT that marks it (BIND: update-policy; ` +
          'Knot: acl with action update; PowerDNS: dnsupdate=yes and TSIG-ALLOW-DNSUPDATE of the zone); and the server must be the ' +
          'primary of the zone, which may not be frozen',
      )
    case 'NOTAUTH':
      return fail(
        'no-zone',
        `${head}: it is not the primary of the zone ${what.zone}, or the key may not update it`,
      )
    case 'NOTZONE':
      return fail('refused', `${head}: the name is not within the zone ${what.zone}`)
    case 'NOTIMP':
      return fail(
        'refused',
        `${head}: it takes no dynamic updates (PowerDNS: dnsupdate=yes, and a backend that can write)`,
      )
    case 'SERVFAIL':
      return fail(
        'unavailable',
        `${head}: its log says why, such as that the folder of the zone cannot be written`,
      )
    case 'FORMERR':
      return fail('refused', `${head}: it cannot read what it was sent`)
    default:
      return fail('refused', head)
  }
}

/** Whether an UPDATE was declined since something did not stand as its prerequisites say (RFC 2136 §3.2). */
export function isUnmet(rcode: string): boolean {
  return ['NXDOMAIN', 'YXDOMAIN', 'NXRRSET', 'YXRRSET'].includes(rcode)
}

function fail(kind: DnsFailure['kind'], detail: string): DnsFailure {
  return { kind, detail: detail.slice(0, 1024) }
}
