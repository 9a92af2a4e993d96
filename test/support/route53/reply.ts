import type { XmlElement } from '../../../dns/route53/xml.ts'

/** An answer: an error, a document, or whatever a test wants. */
export type Reply =
  | {
      readonly status: number
      readonly code: string
      readonly message: string
      readonly messages?: readonly string[]
      readonly retryAfter?: string
    }
  | { readonly status: number; readonly element: XmlElement }
  | { readonly status: number; readonly body: string }
