import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { toConfigSchema } from './config-schema.ts'
import { toReference } from './reference.ts'

/** The generated files below docs/reference, each as the schema says it now. */
export function generate(): Readonly<Record<string, string>> {
  const schema = toConfigSchema()
  return {
    'config.schema.json': `${JSON.stringify(schema, undefined, 2)}\n`,
    'config.md': toReference(schema),
  }
}

/** Where the generated files stand. */
export const REFERENCE = fileURLToPath(new URL('../docs/reference/', import.meta.url))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(REFERENCE, { recursive: true })
  for (const [name, text] of Object.entries(generate())) {
    writeFileSync(`${REFERENCE}${name}`, text)
    process.stdout.write(`docs/reference/${name}\n`)
  }
}
