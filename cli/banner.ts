import type { Config } from '../src/schema/config.ts'
import type { DemoOrigin } from './demo-origin.ts'

/** What `npm start` has started, as far as it tells. */
export interface Started {
  readonly router: string
  readonly settings: Config['settings']
  readonly token: string
  readonly revision: number
  /** As a user would write it. */
  readonly stateDir: string
  /** Each in a line: id, address, and where it stands if that is known. */
  readonly origins: readonly string[]
  /** The configuration file that is watched; absent for the demo. */
  readonly watched: string | undefined
}

/** Most origins listed by name: a fleet would push the addresses off the screen. */
const MOST_ORIGINS = 20

/** What stands where. */
export function toBanner(started: Started): string {
  const { router, settings, token, revision, stateDir, origins, watched } = started
  const onlyHost =
    settings.adminHost === undefined ? '' : ` (only with Host: ${settings.adminHost})`
  const rows: [string, string][] = [
    ['router', router],
    ['admin API', `${router}${settings.prefix}/v1${onlyHost}`],
    ['token', token],
    ['state', `${stateDir} (revision ${revision})`],
    ['cron', 'fired every minute, on the minute'],
  ]
  if (watched !== undefined) rows.push(['config', `${watched} (watched: a change is applied)`])
  const more = origins.length - MOST_ORIGINS
  const listed = [...origins.slice(0, MOST_ORIGINS), ...(more > 0 ? [`and ${more} more`] : [])]
  for (const [at, origin] of listed.entries()) rows.push([at === 0 ? 'origins' : '', origin])
  const lines = rows.map(([name, value]) => `  ${name.padEnd(10)} ${value}`)
  return ['', 'Portolan is running. Ctrl-C ends it.', '', ...lines, ''].join('\n')
}

const BERLIN = `-H 'portolan-facts: {"country":"DE","continent":"EU","latitude":52.5,"longitude":13.4}'`

/** Four lines for the shell that show what the demo is about. Each works exactly as it stands. */
export function toTrials(started: Started, origins: readonly DemoOrigin[]): string {
  const { router, settings, token } = started
  const frankfurt = origins.find(({ id }) => id === 'eu-1')?.url ?? ''
  const fromBerlin = `curl -s ${BERLIN} ${router}/`
  const itsPool = `curl -s -H 'authorization: Bearer ${token}' ${router}${settings.prefix}/v1/pools/eu`
  return [
    'Any origin fails on POST /_demo?mode=fail, and likewise mode=drop, mode=slow&ms=500 and mode=ok.',
    '',
    'Worth trying:',
    '',
    '  Ten calls, spread over three regions by weight:',
    `    curl -s '${router}/api/call/[1-10]'`,
    '  A client in Berlin is served from Frankfurt, the nearest region:',
    `    ${fromBerlin}`,
    '  Frankfurt fails, and the client in Berlin is served from the next region:',
    `    curl -s -X POST '${frankfurt}/_demo?mode=fail' && ${fromBerlin}`,
    '  Ten seconds later: Frankfurt is mended and comes back by steps. Repeat the line to see how far it is:',
    `    curl -s -X POST '${frankfurt}/_demo?mode=ok' && ${itsPool}`,
    '',
  ].join('\n')
}
