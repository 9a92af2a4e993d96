/** The name of a route's cookie: the one that it says, or one of its own. */
export function toCookieName(route: string, name: string | undefined): string {
  return name ?? `portolan-${route}`
}
