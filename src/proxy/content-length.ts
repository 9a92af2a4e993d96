/** How long a body is, where its headers say it and nothing changes it on the way. */
export function contentLengthOf(headers: Headers): number | undefined {
  const length = headers.get('content-length')
  const isKnown = length !== null && /^\d{1,15}$/.test(length) && !headers.has('transfer-encoding')
  return isKnown ? Number(length) : undefined
}
