import * as fc from 'fast-check'

/**
 * One seed for every property, so that a run says the same twice and a red one can be run again. Another one
 * explores: `PROPERTY_SEED=$RANDOM npx vitest run --project pure`.
 */
export const PROPERTY_SEED = Number(globalThis.process?.env.PROPERTY_SEED ?? 20_261_121)

fc.configureGlobal({ seed: PROPERTY_SEED })
