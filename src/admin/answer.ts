/** A JSON answer for something that is new. */
export function created(value: unknown): Response {
  return new Response(json(value).body, {
    status: 201,
    headers: { 'content-type': 'application/json' },
  })
}

/** A JSON answer, laid out for people who read it in a terminal. */
export function json(value: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${JSON.stringify(value, undefined, 2)}\n`, {
    headers: { 'content-type': 'application/json', ...headers },
  })
}
