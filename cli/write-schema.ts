import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { stop as stopBundler } from 'esbuild'
import { toConfigSchema } from './config-schema.ts'
import { readDeployment } from './deployment.ts'
import { toReference } from './reference.ts'
import { startRuntime } from './runtime.ts'

/** The generated files below docs/reference that the schema alone decides, each as it says it now. */
export function generate(): Readonly<Record<string, string>> {
  const schema = toConfigSchema()
  return {
    'config.schema.json': toText(schema),
    'config.md': toReference(schema),
  }
}

/** Where the generated files stand. */
export const REFERENCE = fileURLToPath(new URL('../docs/reference/', import.meta.url))

/** The description of the admin API. It is the router that knows it, so the router is asked. */
async function readApiDescription(): Promise<string> {
  const deployment = readDeployment()
  const runtime = await startRuntime({ host: '127.0.0.1', port: 0, bindings: {}, deployment })
  try {
    const response = await fetch(new URL('/_portolan/openapi.json', runtime.url))
    if (!response.ok) throw new Error(`openapi.json: status ${response.status}`)
    return toText(await response.json())
  } finally {
    await runtime.dispose()
  }
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

function write(name: string, text: string): void {
  writeFileSync(`${REFERENCE}${name}`, text)
  process.stdout.write(`docs/reference/${name}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(REFERENCE, { recursive: true })
  for (const [name, text] of Object.entries(generate())) write(name, text)
  write('openapi.json', await readApiDescription())
  await stopBundler()
}
