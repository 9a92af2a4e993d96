import * as z from 'zod'
import { AUDIT_LIMITS, type AuditEntry, AuditMark, type AuditVerdict } from '../src/schema/audit.ts'

// What the control object answers about the audit log.

export const AuditInput = z.object({
  limit: z.int().min(1).max(AUDIT_LIMITS.page).default(AUDIT_LIMITS.defaultPage),
  before: z.int().min(1).optional(),
})
export const VerifyInput = z.object({ noted: AuditMark.optional() })

/** The methods of the control object that concern the audit log. Nothing writes to it by a call. */
export interface AuditMethods {
  /** Newest first. */
  audit(input: z.input<typeof AuditInput>): {
    readonly items: readonly AuditEntry[]
    readonly next?: number
  }
  verifyAudit(input: z.input<typeof VerifyInput>): AuditVerdict
}
