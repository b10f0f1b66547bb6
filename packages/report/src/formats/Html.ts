/** @since 0.1.0 */
import * as HtmlPage from "../html/HtmlPage.ts"
import type { Report, ReportFormat } from "../Report.ts"

/**
 * A page that needs nothing but itself: no script, no style sheet, no picture
 * from elsewhere. What was not seen comes first; every picture has its figures
 * beside it. Light or dark as the reader's system is.
 *
 * @category formats
 * @since 0.1.0
 */
export const Html: ReportFormat = {
  names: ["html"],
  extension: "html",
  *render(report: Report) {
    for (const piece of HtmlPage.report({ report })) yield piece.toString()
  }
}
