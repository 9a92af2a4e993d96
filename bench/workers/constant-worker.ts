const BODY = 'x'.repeat(1024)

/** Answers without asking anyone: what the runtime itself costs. */
export default {
  fetch(): Response {
    return new Response(BODY, {
      headers: { 'content-type': 'text/plain', 'cache-control': 'no-cache' },
    })
  },
}
