/**
 * Where a text stops being JSON. The YAML parser reads correct JSON, but what it
 * says of incorrect JSON is about YAML.
 */

const string = String.raw`"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"`
const word = String.raw`(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)(?![A-Za-z0-9_.])`
const token = new RegExp(String.raw`[ \t\r\n]*(?:([{}[\],:])|(${string})|${word})`, "uy")

const space = /[ \t\r\n]*/uy

/** The offset of the first thing that is not JSON and what should be there; `undefined` when all of it is. */
export const firstError = (text: string): { readonly offset: number; readonly expected: string } | undefined => {
  const open: Array<"{" | "["> = []
  let state: "value" | "first-value" | "key" | "first-key" | "colon" | "next" = "value"
  let offset = 0
  for (;;) {
    space.lastIndex = offset
    space.test(text)
    const start = space.lastIndex
    if (state === "next" && open.length === 0) {
      return start === text.length ? undefined : { offset: start, expected: "the end of the file" }
    }
    token.lastIndex = offset
    const match = token.exec(text)
    const mark = match?.[1]
    const isText = match?.[2] !== undefined
    const isValue = match !== null && mark === undefined
    const top = open[open.length - 1]
    const fail = { offset: start, expected: expectation(state, top) }
    if (match === null) {
      return text[start] === "\""
        ? { offset: start, expected: "a text that ends on its line, with JSON's escapes" }
        : fail
    }
    offset = token.lastIndex
    if (state === "value" || state === "first-value") {
      if (isValue) state = "next"
      else if (mark === "{" || mark === "[") {
        open.push(mark)
        state = mark === "{" ? "first-key" : "first-value"
      } else if (mark === "]" && state === "first-value") {
        open.pop()
        state = "next"
      } else return fail
    } else if (state === "key" || state === "first-key") {
      if (isText) state = "colon"
      else if (mark === "}" && state === "first-key") {
        open.pop()
        state = "next"
      } else return fail
    } else if (state === "colon") {
      if (mark !== ":") return fail
      state = "value"
    } else if (mark === ",") {
      state = top === "{" ? "key" : "value"
    } else if ((mark === "}" && top === "{") || (mark === "]" && top === "[")) {
      open.pop()
    } else return fail
  }
}

const expectation = (state: string, top: "{" | "[" | undefined): string => {
  switch (state) {
    case "key":
    case "first-key":
      return "a key in double quotes"
    case "colon":
      return "a colon"
    case "next":
      return top === "{" ? "a comma or }" : "a comma or ]"
    default:
      return "a value"
  }
}
