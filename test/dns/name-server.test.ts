import { expect, it } from 'vitest'
import { toNameServer } from '../../dns/name-server.ts'

it.each([
  ['ns1.example.com', 'ns1.example.com', 53],
  ['192.0.2.1:5353', '192.0.2.1', 5353],
  ['[2001:db8::1]', '[2001:db8::1]', 53],
  ['[2001:db8::1]:853', '[2001:db8::1]', 853],
])('takes %s for a name server', (text, hostname, port) => {
  expect(toNameServer(text)).toEqual({ hostname, port })
})
