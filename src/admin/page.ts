import * as z from 'zod'

// Lists of what is numbered as it is made, such as revisions: shown newest first, a page at a time.

/** How many a page of a list may have, and has unless it is told. */
export interface PageLimits {
  readonly page: number
  readonly defaultPage: number
}

/** What asks for the newest of a list, or for those before one of them. */
export function newestOf({ page, defaultPage }: PageLimits) {
  return z.strictObject({
    limit: z.coerce.number().int().min(1).max(page).default(defaultPage),
    before: z.coerce.number().int().min(1).optional().describe('The `next` of the page before.'),
  })
}

/** A page of such a list. */
export function pageBefore<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    items: z.array(item),
    next: z.int().optional().describe('What to give as `before` for the rest.'),
  })
}
