/**
 * What a service answers when it refuses.
 *
 * @since 0.1.0
 */

/**
 * An error answer. Handlers throw it; the service's protocol writes it.
 */
export class AwsFault extends Error {
  override readonly name = "AwsFault"
  /** The code on the wire, e.g. `InvalidParameterValue`. */
  readonly code: string
  /** The HTTP status. */
  readonly status: number
  /** Further elements of the error document. */
  readonly fields: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** For query-compatible JSON services: the code that their query protocol had. */
  readonly queryCode: string | undefined
  /** Refused for sending too much. */
  readonly throttled: boolean

  constructor(code: string, status: number, message: string, more: {
    readonly fields?: Readonly<Record<string, string>>
    readonly headers?: Readonly<Record<string, string>>
    readonly queryCode?: string
    readonly throttled?: boolean
  } = {}) {
    super(message)
    this.code = code
    this.status = status
    this.fields = more.fields ?? {}
    this.headers = more.headers ?? {}
    this.queryCode = more.queryCode
    this.throttled = more.throttled ?? false
  }
}

/** An error answer with its code first: `refuse("ValidationError", 400, "…")`. */
export const refuse = (
  code: string,
  status: number,
  message: string,
  more?: ConstructorParameters<typeof AwsFault>[3]
): AwsFault => new AwsFault(code, status, message, more)
