import type { RecordSet } from '../../src/schema/dns-record-set.ts'

const LONG = 'x'.repeat(255)

/** Canonical values that a provider or a zone file could take for something else. */
export const ODD_VALUES: readonly Pick<RecordSet, 'type' | 'values'>[] = [
  { type: 'A', values: ['0.0.0.0', '192.0.2.10', '192.0.2.9', '255.255.255.255'] },
  { type: 'AAAA', values: ['2001:db8:0:1:1:1:1:1', '2001:db8::1', '::1', '::ffff:192.0.2.1'] },
  { type: 'CNAME', values: ['_under_score.1-2.xn--bcher-kva.example.net'] },
  { type: 'SRV', values: ['0 0 0 .'] },
  { type: 'SRV', values: ['10 5 5060 sip-1.example.net', '65535 65535 65535 sip-2.example.net'] },
  { type: 'TXT', values: ['""'] },
  { type: 'TXT', values: ['"a;b (c) \\"d\\" \\\\ $x @ \\195\\188\\000\\255"'] },
  { type: 'TXT', values: [`"${LONG}" "${LONG}" "tail"`, '"one" "two"', '"onetwo"'] },
  { type: 'HTTPS', values: ['0 www.example.net'] },
  {
    type: 'HTTPS',
    values: [
      '1 . alpn=h2,h3 no-default-alpn port=8443 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1',
      '2 backup.example.net alpn=h2',
    ],
  },
  { type: 'HTTPS', values: ['1 . mandatory=alpn,port alpn=h2 port=443 ech=AEn+DQ=='] },
  {
    type: 'HTTPS',
    values: ['1 . dohpath=/dns-query{?dns} key65333=abc key65334="a b\\"\\\\\\001"'],
  },
  { type: 'HTTPS', values: ['1 . alpn=h2 ohttp'] },
]
