/** Where a name server is reached. */
export interface NameServer {
  /** A host name, or an address; an IPv6 address in brackets. */
  readonly hostname: string
  readonly port: number
}

/** The port of DNS (RFC 1035 §4.2.2). */
const DEFAULT_PORT = 53

/** Takes apart what `DnsServer` of the schema lets through: "ns1.example.com", "192.0.2.1:5353", "[2001:db8::1]:53". */
export function toNameServer(text: string): NameServer {
  const { hostname = text, port } =
    /^(?<hostname>\[[^\]]*\]|[^:]*)(?::(?<port>\d+))?$/.exec(text)?.groups ?? {}
  return { hostname, port: port === undefined ? DEFAULT_PORT : Number(port) }
}
