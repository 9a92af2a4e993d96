/** How far a request that asks about the way itself may still go (RFC 9110 §7.6.2); undefined when it says nothing. */
export function readMaxForwards(method: string, headers: Headers): number | undefined {
  if (method !== 'OPTIONS' && method !== 'TRACE') return undefined
  const value = headers.get('max-forwards')
  return value !== null && /^\d{1,9}$/.test(value) ? Number(value) : undefined
}

/** The answer where the way ends here: this router has no options of its own, and echoes nothing. */
export function answerHere(method: string): Response {
  return method === 'OPTIONS'
    ? new Response(null, { status: 204 })
    : new Response(null, { status: 405, headers: { allow: 'OPTIONS' } })
}
