/**
 * Addresses with variables: RFC 6570 as far as resources need it, `{name}` for a
 * piece of the path and `{?name}` for a parameter that may be absent.
 *
 * @since 0.1.0
 */

/**
 * What the variables of an address are that follows the template; `undefined`
 * where it does not. Parameters that the template does not have make it another address.
 *
 * @category constructors
 * @since 0.1.0
 */
export const matcher = (template: string): (uri: string) => Readonly<Record<string, string>> | undefined => {
  const [path, query = ""] = template.split("{?")
  const allowed = new Set(query.replace("}", "").split(",").filter((name) => name !== ""))
  const names: Array<string> = []
  const pattern = path!.split(/(\{\w+\})/u).map((part) => {
    const name = /^\{(\w+)\}$/u.exec(part)?.[1]
    if (name === undefined) return part.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`)
    names.push(name)
    return "([^/?#]{1,1024})"
  })
  const form = new RegExp(`^${pattern.join("")}$`, "u")
  return (uri) => {
    if (uri.length > maxLength) return undefined
    const at = uri.indexOf("?")
    const found = form.exec(at < 0 ? uri : uri.slice(0, at))
    if (found === null) return undefined
    const parameters = at < 0 ? [] : [...new URLSearchParams(uri.slice(at + 1))]
    if (parameters.some(([name]) => !allowed.has(name)) || new Set(parameters.map(([name]) => name)).size < parameters.length) {
      return undefined
    }
    const values = names.map((name, index) => [name, decoded(found[index + 1]!)] as const)
    if (values.some(([, value]) => value === undefined)) return undefined
    return Object.fromEntries([...values.map(([name, value]) => [name, value ?? ""] as const), ...parameters])
  }
}

const maxLength = 4096

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
