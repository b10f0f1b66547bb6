/**
 * What a policy says of one resource.
 *
 * @since 0.1.0
 */
import type { Mark } from "@cadastre/model"
import type { Exclusion } from "./TagPolicy.ts"
import type { Violation } from "./Violation.ts"

/**
 * Why a resource is not scored: its mark, a waiver, that AWS charges nothing for
 * its type, or that the policy requires no tag of its type.
 *
 * @since 0.1.0
 */
export type NotApplicableReason = Mark | "free" | "waived" | "nothing-required"

/**
 * - `Compliant`: no violation at all
 * - `Checked`: `violations` is not empty; `compliant` when all of them are warnings
 * - `Unknown`: its tags could not be read; neither compliant nor a violation
 * - `NotApplicable`: not scored, and why; `waiver` is there when it is waived. Where nothing is required of the type,
 *   `violations` may list broken rules on optional, prohibited and ill-named tags
 *
 * @since 0.1.0
 */
export type Verdict =
  | { readonly _tag: "Compliant"; readonly violations: readonly [] }
  | { readonly _tag: "Checked"; readonly compliant: boolean; readonly violations: ReadonlyArray<Violation> }
  | { readonly _tag: "Unknown"; readonly violations: readonly [] }
  | {
    readonly _tag: "NotApplicable"
    readonly reason: NotApplicableReason
    readonly waiver?: Exclusion
    readonly violations: ReadonlyArray<Violation>
  }

/**
 * Whether the resource counts as compliant: it is scored and has no violation
 * of severity `error`.
 *
 * @since 0.1.0
 */
export const isCompliant = (verdict: Verdict): boolean =>
  verdict._tag === "Compliant" || (verdict._tag === "Checked" && verdict.compliant)
