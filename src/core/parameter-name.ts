/**
 * The name of a parameter of a query as an origin reads it; the parameter itself stays as it was sent. `;` separates
 * nothing: what an origin makes of it is part of the parameter.
 */
export function parameterNameOf(parameter: string): string {
  const equals = parameter.indexOf('=')
  const name = equals === -1 ? parameter : parameter.slice(0, equals)
  return /[%+]/.test(name) ? decode(name) : name
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    // Not UTF-8: it can only be meant as it stands.
    return name
  }
}
