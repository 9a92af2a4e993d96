import { Conditions } from '../schema/condition.ts'
import { Config } from '../schema/config.ts'
import { CheckResult, Held, RecordView } from '../schema/dns-answer.ts'
import { DnsChange, DnsFailure, RecordSet } from '../schema/dns-record-set.ts'
import { InterlockRefusal } from '../schema/interlock.ts'
import { Match } from '../schema/match.ts'
import { Monitor } from '../schema/monitor.ts'
import { Pool } from '../schema/pool.ts'
import { Problem } from '../schema/problem.ts'
import { Measure } from '../schema/report.ts'
import { Route } from '../schema/route.ts'
import { Steer } from '../schema/steer.ts'
import { Confirmation, Override, PoolView, RampView } from '../schema/traffic.ts'
import { ChangeMade } from './change.ts'
import { ProblemDetails } from './problem-details.ts'

/** Schemas of what is sent that the description of the API names once, in the form in which they are written. */
export const SENT_SCHEMAS = {
  Conditions,
  Config,
  Match,
  Monitor,
  Pool,
  Route,
  Steer,
} as const

/** Schemas of what is answered that the description of the API names once. */
export const TOLD_SCHEMAS = {
  ChangeMade,
  CheckResult,
  Confirmation,
  DnsChange,
  DnsFailure,
  Held,
  InterlockRefusal,
  Measure,
  Override,
  PoolView,
  Problem,
  ProblemDetails,
  RampView,
  RecordSet,
  RecordView,
} as const
