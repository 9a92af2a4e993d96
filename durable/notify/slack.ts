import type { Message } from '../../src/schema/notice.ts'
import type { Address } from '../../src/schema/notification.ts'
import { clip } from '../../src/state/outbox/notice.ts'
import { type Prepared, readSecretUrl } from './letter.ts'

/** What Slack takes of a header block and of the text of a section. */
const LONGEST = { header: 150, section: 3000 } as const

const SIGNS = {
  critical: ':red_circle:',
  error: ':red_circle:',
  warning: ':large_orange_circle:',
  info: ':large_blue_circle:',
} as const

/** A message for a channel: a header, the details, and who says it and when. */
export function toSlack(
  message: Message,
  { url }: Extract<Address, { type: 'slack' }>,
  bindings: object,
): Prepared {
  const secret = readSecretUrl(bindings, url.secret)
  if (!secret.ok) return secret
  const { action, severity, title, text, source, createdAtMs, id } = message
  const sign = action === 'resolve' ? ':large_green_circle:' : SIGNS[severity]
  // Plain text throughout: evidence comes from outside, and `<!channel>` in it must not call anybody.
  const header = clip(`${sign} ${title}`, LONGEST.header)
  const details = text === '' ? [] : [plain('section', clip(text, LONGEST.section))]
  const seconds = Math.floor(createdAtMs / 1000)
  const time = new Date(createdAtMs).toISOString()
  const footer = `${escape(source)} · <!date^${seconds}^{date_num} {time_secs}|${time}> · ${id}`
  const body = JSON.stringify({
    // What is shown where there is no room for blocks, such as on a phone.
    text: escape(`${title}${text === '' ? '' : `\n${text}`}`),
    blocks: [
      plain('header', header),
      ...details,
      { type: 'context', elements: [{ type: 'mrkdwn', text: footer }] },
    ],
  })
  return { ok: true, letter: { url: secret.value, headers: {}, body, secrets: [secret.value] } }
}

function plain(type: 'header' | 'section', text: string) {
  return { type, text: { type: 'plain_text', text, emoji: type === 'header' } }
}

/** The three characters that Slack's own markup is made of. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
