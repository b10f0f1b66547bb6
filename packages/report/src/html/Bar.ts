/**
 * Bars. The figure always stands beside them: whoever cannot see one misses nothing.
 *
 * @since 0.1.0
 */
import type { ScoreBounds } from "@cadastre/aggregation"
import { html, type Markup } from "./Markup.ts"

/**
 * The pattern of what is not known; every page has it once.
 *
 * @category constants
 * @since 0.1.0
 */
export const hatch: Markup = html`<svg class="defs" width="0" height="0" aria-hidden="true" focusable="false"><defs>
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect class="track" width="6" height="6"></rect><line class="stripe" y2="6" stroke-width="4"></line></pattern></defs></svg>
`

/**
 * A share from 0 to 1; without one, the pattern of what is not known. With bounds, that pattern stands below it from
 * where to where it may be.
 *
 * @category constructors
 * @since 0.1.0
 */
export const share = (of: number | undefined, bounds?: ScoreBounds): Markup => {
  const height = bounds === undefined ? 10 : 6
  return html`<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">${
    of === undefined
      ? html`<rect class="hatch" width="100" height="10"></rect>`
      : html`<rect class="track" width="100" height="${height}"></rect><rect class="fill" width="${fixed(100 * of)}" height="${height}"></rect>`
  }${bounds === undefined || of === undefined ? undefined : openOf(bounds)}</svg>`
}

const openOf = ({ highest, lowest }: ScoreBounds): Markup =>
  html`<rect class="hatch" x="${fixed(Math.min(99, 100 * lowest))}" y="7" width="${fixed(Math.max(1, 100 * (highest - lowest)))}" height="3"></rect>`

/**
 * A score on a scale from 0 to 100 %: what it is, and from where to where it may be with what was not seen. Without
 * bounds, and not everything seen, the whole scale is open.
 *
 * @category constructors
 * @since 0.1.0
 */
export const gauge = (score: number | undefined, bounds: ScoreBounds | undefined, isWhole: boolean): Markup => {
  const open = isWhole ? undefined : bounds ?? { lowest: 0, highest: 1 }
  const at = fixed(400 * (score ?? 0))
  return html`<svg class="gauge" viewBox="0 0 400 32" preserveAspectRatio="none" aria-hidden="true" focusable="false">
<rect class="track" y="2" width="400" height="16"></rect>${
    score === undefined
      ? undefined
      : html`<rect class="fill" y="2" width="${at}" height="16"></rect><line class="mark" x1="${at}" x2="${at}" y1="0" y2="20" stroke-width="2"></line>`
  }${open === undefined ? undefined : bandOf(open)}</svg>
`
}

const bandOf = ({ highest, lowest }: ScoreBounds): Markup => {
  const [x, width] = [fixed(400 * lowest), fixed(Math.max(2, 400 * (highest - lowest)))]
  return html`<rect class="hatch" x="${x}" y="22" width="${width}" height="9"></rect><rect class="edge" x="${x}" y="22" width="${width}" height="9"></rect>`
}

/**
 * Parts of a whole, one after the other.
 *
 * - `key`: its colour, 1 to 7; 8 is the pattern of what is not known
 *
 * @category constructors
 * @since 0.1.0
 */
export const stacked = (parts: ReadonlyArray<{ readonly value: number; readonly key: number }>): Markup => {
  const total = parts.reduce((sum, { value }) => sum + Math.max(0, value), 0)
  let at = 0
  return html`<svg class="chart" viewBox="0 0 600 36" preserveAspectRatio="none" aria-hidden="true" focusable="false">${
    total === 0 ? html`<rect class="track" width="600" height="36"></rect>` : parts.map(({ key, value }) => {
      const from = at
      const width = 600 * Math.max(0, value) / total
      at += width
      // A gap between two parts, where there is room for one.
      return width === 0 ? undefined : html`<rect class="k${key}" x="${fixed(from)}" width="${fixed(width > 3 ? width - 1.5 : width)}" height="36"></rect>`
    })
  }</svg>`
}

/**
 * The colour of a part beside its name.
 *
 * @category constructors
 * @since 0.1.0
 */
export const key = (of: number): Markup =>
  html`<svg class="key" viewBox="0 0 14 14" aria-hidden="true" focusable="false"><rect class="k${of}" width="14" height="14"></rect></svg>`

const fixed = (value: number): string => value.toFixed(2)
