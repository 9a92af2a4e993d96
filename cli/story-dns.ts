import { createClosing, endOnSignals } from './closing.ts'
import { installDnsServers } from './dns-servers/install.ts'
import { playDns, type Scene } from './story/dns-acts.ts'
import { setDnsStage } from './story/dns-stage.ts'

await main()

/** `npm run story:dns`: plays the loss and the return of a region as DNS tells of it, at a real PowerDNS and a real BIND. */
async function main(): Promise<void> {
  const closing = createClosing()
  endOnSignals(closing)
  try {
    const { powerdns, bind, tools } = await installDnsServers(say)
    const missing = [powerdns, bind, tools].filter((why) => why !== undefined)
    if (missing.length > 0) throw new Error(missing.join('\n'))
    const stage = await setDnsStage()
    closing.add(() => stage.close())
    say('Two regions; one record at a PowerDNS, one at a BIND; dig asks both four times a second.')
    const scenes = await playDns({ stage, onScene: (scene) => say(toLine(scene)) })
    say(summarise(scenes))
    await closing.end(0)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    await closing.end(1)
  }
}

function toLine({ atMs, by, text }: Scene): string {
  const arrow = by === 'story' ? '>>>' : '---'
  return `${seconds(atMs).padStart(7)}  ${arrow} ${by.padEnd(9)} ${text}`
}

function summarise(scenes: readonly Scene[]): string {
  const [lost, back] = scenes.filter(({ by }) => by === 'story')
  const whole = scenes.findLast(({ text }) => text === 'eu takes 100 % of its traffic')
  const servers = [...new Set(scenes.filter(({ dug }) => dug).map(({ by }) => by))]
  const lines = servers.map((server) => {
    const turns = turnsOf(scenes.filter(({ by }) => by === server))
    const [, away, home] = turns
    const left = away && lost ? seconds(away.atMs - lost.atMs) : 'never'
    const came = home && whole ? seconds(home.atMs - whole.atMs) : 'never'
    return `${server}: left ${left} after the loss, back ${came} after the last step of the ramp began; ${turns.length - 1} moves.`
  })
  const ramp = back && whole ? seconds(whole.atMs - back.atMs) : 'never'
  return [
    '',
    ...lines,
    `The last step of the ramp began ${ramp} after the region was back, and lasts 2 s.`,
  ].join('\n')
}

/** Where its answer became another one, the first included; another TTL alone is no move. */
function turnsOf(scenes: readonly Scene[]): readonly Scene[] {
  const told = scenes.filter(({ dug }) => (dug?.addresses.length ?? 0) > 0)
  return told.filter(({ dug }, at) => dug?.addresses.join() !== told[at - 1]?.dug?.addresses.join())
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
