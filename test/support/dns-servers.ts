import { inject } from 'vitest'
import type { DnsPart } from '../../cli/dns-servers/install.ts'

/**
 * Whether this machine lacks one of these DNS servers, or the tools that ask them: for `describe.skipIf`, so that
 * what needs them is skipped by its name, and counted.
 */
export function lacks(...parts: readonly DnsPart[]): boolean {
  const missing = inject('missingDnsServers')
  return parts.some((part) => missing[part] !== undefined)
}
