/**
 * HTML that cannot be broken by what is put into it.
 *
 * @since 0.1.0
 */
import { visible } from "../Untrusted.ts"

/**
 * HTML that is whole: only templates of {@link html} make it, so that no text can
 * be taken for it.
 *
 * @category models
 * @since 0.1.0
 */
export class Markup {
  readonly #text: string

  private constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }

  /** What the program itself has written, such as its style sheet. Never for text that came from elsewhere. */
  static readonly own = (text: string): Markup => new Markup(text)
}

/**
 * What may stand in a template: text and numbers, which are shown as they are; other
 * markup; lists of them; and nothing.
 *
 * @category models
 * @since 0.1.0
 */
export type Part = string | number | Markup | undefined | ReadonlyArray<Part>

/**
 * A template of HTML. Every text in it is text, in an element as well as in an
 * attribute **in double quotes**, whatever characters it has: what would be
 * markup is escaped, what is invisible is shown, see `Untrusted.visible`.
 *
 * It must not stand where it would be a script, a style, the name of an element or
 * attribute, or an address.
 *
 * @category constructors
 * @since 0.1.0
 */
export const html = (strings: TemplateStringsArray, ...parts: ReadonlyArray<Part>): Markup => {
  let text = strings[0] ?? ""
  for (const [at, part] of parts.entries()) text += textOf(part) + (strings[at + 1] ?? "")
  return Markup.own(text)
}

const textOf = (part: Part): string => {
  if (part === undefined) return ""
  if (typeof part === "string") return escape(part)
  if (typeof part === "number") return String(part)
  return part instanceof Markup ? part.toString() : part.map(textOf).join("")
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;" }

const escape = (value: string): string => visible(value).replace(/[&<>"']/gu, (one) => entities[one]!)

/**
 * The text itself as the value of an attribute that is sent back as it is: what is invisible in it stays what it is,
 * but stands as a reference, so that it does nothing to whoever reads the page's source. Nothing of it may be shown.
 *
 * @category constructors
 * @since 0.1.0
 */
export const exact = (value: string): Markup =>
  Markup.own(value.toWellFormed().replace(/[^ !#-%(-;=?-~]/gu, (one) => `&#x${one.codePointAt(0)!.toString(16)};`))
