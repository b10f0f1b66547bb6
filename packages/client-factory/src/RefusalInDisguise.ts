/**
 * An error of AWS that comes with the status of success.
 *
 * @since 0.1.0
 */

/**
 * What the error itself says: `name` is its code, so that it is classified as
 * if it had come with a status of its own. Proxies and stand-ins answer so, and
 * S3 does for what fails after it began to answer.
 *
 * @category errors
 * @since 0.1.0
 */
export class RefusalInDisguise extends Error {
  override readonly name: string

  constructor(code: string, message: string) {
    super(`${message.slice(0, 500) || code} (an error with the status of success)`)
    this.name = code
  }

  /** Of a JSON object that has nothing of what was asked for; `undefined` where it does not look like an error. */
  static ofJson(answer: object): RefusalInDisguise | undefined {
    const text = (...names: ReadonlyArray<string>): string => {
      for (const name of names) {
        const value: unknown = Object.hasOwn(answer, name) ? Reflect.get(answer, name) : undefined
        if (typeof value === "string" && value !== "") return value
      }
      return ""
    }
    const code = bare(text("__type", "code", "Code", "errorCode", "errorType"))
    const message = text("message", "Message", "errorMessage", "error", "detail", "title", "reason")
    return code === "" && message === "" ? undefined : new RefusalInDisguise(code || unnamed, message)
  }

  /** Of the bytes of an XML document that is no answer; `undefined` where no code stands in it. */
  static ofXml(document: Buffer): RefusalInDisguise | undefined {
    // Errors are short: what is large is something else.
    const xml = document.toString("utf8", 0, 8192)
    const code = /<Code>\s*([\w.:-]{1,100})\s*<\/Code>/u.exec(xml)?.[1]
    if (code === undefined) return undefined
    return new RefusalInDisguise(code, /<Message>([^<]*)<\/Message>/u.exec(xml)?.[1]?.trim() ?? "")
  }
}

/** An error without a code says nothing of its kind. */
const unnamed = "UnnamedError"

/** `com.amazon.coral.service#ThrottlingException:http://…` is a ThrottlingException. */
const bare = (code: string): string => code.replace(/^.*#/u, "").replace(/:.*$/u, "")
