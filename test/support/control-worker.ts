export { Control } from '../../durable/control.ts'

/** The Worker around the control object where nothing else is under test. */
export default {
  fetch: () => new Response('only objects here', { status: 404 }),
}
