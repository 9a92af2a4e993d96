import { Conditions } from '../schema/condition.ts'
import { Config } from '../schema/config.ts'
import { Explanation } from '../schema/explanation.ts'
import { RequestFacts } from '../schema/facts.ts'
import { InterlockRefusal } from '../schema/interlock.ts'
import { Monitor } from '../schema/monitor.ts'
import { Pool } from '../schema/pool.ts'
import { Problem } from '../schema/problem.ts'
import { Measure } from '../schema/report.ts'
import { Route } from '../schema/route.ts'
import { Confirmation, OriginView, Override, PoolView, RampView } from '../schema/traffic.ts'
import { ChangeMade } from './change.ts'
import { ProblemDetails } from './problem-details.ts'

/** Schemas of what is sent that the description of the API names once, in the form in which they are written. */
export const SENT_SCHEMAS = { Config, Monitor, Pool, Route, RequestFacts, Conditions } as const

/** Schemas of what is answered that the description of the API names once. */
export const TOLD_SCHEMAS = {
  ChangeMade,
  Confirmation,
  Explanation,
  InterlockRefusal,
  Measure,
  OriginView,
  Override,
  PoolView,
  Problem,
  ProblemDetails,
  RampView,
} as const
