import type { Case } from './case.ts'
import { answeringCases } from './fixed-answering.ts'
import { storingCases } from './fixed-storing.ts'

/** What a cache by the standards does with each, by its last step. */
export const fixedCases: readonly Case[] = [...storingCases, ...answeringCases]
