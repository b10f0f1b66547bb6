/**
 * An interpreter of the part of Rego (version 1) that exports are written in. There is no OPA to run them in here, so
 * this follows the language's documentation: what is undefined fails, functions must not contradict themselves, a
 * variable must be bound before it is used. It is stricter than OPA, which also reorders statements.
 *
 * @see https://www.openpolicyagent.org/docs/policy-language
 */
import { isDeepStrictEqual } from "node:util"
import { RE2JS } from "re2js"

type Value = unknown
type Env = ReadonlyMap<string, Value>

type Expr =
  | { readonly _tag: "Literal"; readonly value: Value }
  | { readonly _tag: "Array"; readonly items: ReadonlyArray<Expr> }
  | { readonly _tag: "Object"; readonly entries: ReadonlyArray<readonly [Expr, Expr]> }
  | { readonly _tag: "Comprehension"; readonly head: Expr; readonly body: ReadonlyArray<Statement> }
  | { readonly _tag: "Name"; readonly name: string }
  | { readonly _tag: "Index"; readonly of: Expr; readonly key: Expr }
  | { readonly _tag: "Call"; readonly name: string; readonly args: ReadonlyArray<Expr> }
  | { readonly _tag: "Compare"; readonly operator: string; readonly left: Expr; readonly right: Expr }

type Statement =
  | { readonly _tag: "Some"; readonly names: ReadonlyArray<string>; readonly of: Expr }
  | { readonly _tag: "Not"; readonly expr: Expr }
  | { readonly _tag: "Assign"; readonly name: string; readonly expr: Expr }
  | { readonly _tag: "Test"; readonly expr: Expr }

interface Rule {
  readonly name: string
  readonly kind: "value" | "set" | "function"
  readonly params: ReadonlyArray<string>
  readonly head: Expr
  readonly body: ReadonlyArray<Statement>
}

const pattern = /[ \t\r]+|#[^\n]*|("(?:[^"\\\n]|\\.)*")|(-?\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z0-9_]*)|(:=|==|>|\n|[[\](){},.;|:])/uy

const tokenise = (text: string): ReadonlyArray<string> => {
  const tokens: Array<string> = []
  pattern.lastIndex = 0
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex
    const match = pattern.exec(text)
    if (match === null) throw new SyntaxError(`what is ${JSON.stringify(text.slice(at, at + 20))}?`)
    const token = match.slice(1).find((part) => part !== undefined)
    if (token !== undefined) tokens.push(token)
  }
  return tokens
}

const isName = (token: string | undefined): token is string => token !== undefined && /^[A-Za-z_]/u.test(token)

class Parser {
  readonly #tokens: ReadonlyArray<string>
  #at = 0

  constructor(text: string) {
    this.#tokens = tokenise(text)
  }

  module(): ReadonlyArray<Rule> {
    this.#lines()
    this.#expect("package")
    this.#dotted()
    this.#lines()
    this.#expect("import")
    this.#dotted()
    const rules: Array<Rule> = []
    for (this.#lines(); this.#at < this.#tokens.length; this.#lines()) rules.push(this.#rule())
    return rules
  }

  #peek(ahead = 0): string | undefined {
    return this.#tokens[this.#at + ahead]
  }

  #take(): string {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw new SyntaxError("the module ends too soon")
    return token
  }

  #expect(token: string): void {
    const found = this.#take()
    if (found !== token) throw new SyntaxError(`expected ${token}, found ${found} near ${this.#tokens.slice(this.#at - 6, this.#at + 3).join(" ")}`)
  }

  #lines(): void {
    while (this.#peek() === "\n") this.#at++
  }

  #name(): string {
    const token = this.#take()
    if (!isName(token)) throw new SyntaxError("expected a name")
    return token
  }

  #dotted(): string {
    let name = this.#name()
    while (this.#peek() === ".") {
      this.#at++
      name += `.${this.#name()}`
    }
    return name
  }

  #rule(): Rule {
    const name = this.#name()
    if (this.#peek() === "contains") {
      this.#at++
      const head = this.#expr()
      return { name, kind: "set", params: [], head, body: this.#condition() }
    }
    const params: Array<string> = []
    const isFunction = this.#peek() === "("
    if (isFunction) {
      this.#at++
      while (this.#peek() !== ")") {
        params.push(this.#name())
        if (this.#peek() === ",") this.#at++
      }
      this.#expect(")")
    }
    let head: Expr = { _tag: "Literal", value: true }
    if (this.#peek() === ":=") {
      this.#at++
      head = this.#expr()
    }
    return { name, kind: isFunction ? "function" : "value", params, head, body: this.#condition() }
  }

  #condition(): ReadonlyArray<Statement> {
    if (this.#peek() !== "if") return []
    this.#at++
    if (this.#peek() !== "{") return [this.#statement()]
    this.#at++
    const body = this.#body("}")
    this.#expect("}")
    return body
  }

  #body(end: string): ReadonlyArray<Statement> {
    const body: Array<Statement> = []
    const separators = () => {
      while (this.#peek() === "\n" || this.#peek() === ";") this.#at++
    }
    for (separators(); this.#peek() !== end; ) {
      body.push(this.#statement())
      if (this.#peek() !== end && this.#peek() !== "\n" && this.#peek() !== ";") throw new SyntaxError(`two statements on a line at ${String(this.#peek())}`)
      separators()
    }
    return body
  }

  #statement(): Statement {
    if (this.#peek() === "some") {
      this.#at++
      const names = [this.#name()]
      while (this.#peek() === ",") {
        this.#at++
        names.push(this.#name())
      }
      this.#expect("in")
      return { _tag: "Some", names, of: this.#expr() }
    }
    if (this.#peek() === "not") {
      this.#at++
      return { _tag: "Not", expr: this.#expr() }
    }
    if (isName(this.#peek()) && this.#peek(1) === ":=") {
      const name = this.#name()
      this.#at++
      return { _tag: "Assign", name, expr: this.#expr() }
    }
    return { _tag: "Test", expr: this.#expr() }
  }

  #expr(): Expr {
    const left = this.#term()
    const operator = this.#peek()
    if (operator !== "==" && operator !== ">" && operator !== "in") return left
    this.#at++
    return { _tag: "Compare", operator, left, right: this.#term() }
  }

  #term(): Expr {
    const token = this.#peek()
    if (token === undefined) throw new SyntaxError("expected a term")
    if (token.startsWith("\"") || /^-?\d/u.test(token) || ["true", "false", "null"].includes(token)) {
      this.#at++
      return { _tag: "Literal", value: JSON.parse(token) as unknown }
    }
    if (token === "[") return this.#array()
    if (token === "{") return this.#object()
    const name = this.#name()
    // A dotted name before a bracket is a built-in function; else dots are a path.
    let ahead = 0
    while (this.#peek(ahead) === "." && isName(this.#peek(ahead + 1))) ahead += 2
    if (this.#peek(ahead) === "(") {
      let called = name
      for (; ahead > 0; ahead -= 2) {
        this.#at++
        called += `.${this.#name()}`
      }
      this.#at++
      return this.#indexed({ _tag: "Call", name: called, args: this.#list(")") })
    }
    return this.#indexed({ _tag: "Name", name })
  }

  #indexed(of: Expr): Expr {
    if (this.#peek() === ".") {
      this.#at++
      return this.#indexed({ _tag: "Index", of, key: { _tag: "Literal", value: this.#name() } })
    }
    if (this.#peek() !== "[") return of
    this.#at++
    const key = this.#expr()
    this.#expect("]")
    return this.#indexed({ _tag: "Index", of, key })
  }

  #list(end: string): ReadonlyArray<Expr> {
    const items: Array<Expr> = []
    for (this.#lines(); this.#peek() !== end; this.#lines()) {
      items.push(this.#expr())
      this.#lines()
      if (this.#peek() === ",") this.#at++
      else if (this.#peek() !== end) throw new SyntaxError(`expected a comma or ${end}, found ${String(this.#peek())}`)
    }
    this.#expect(end)
    return items
  }

  #array(): Expr {
    this.#expect("[")
    this.#lines()
    if (this.#peek() === "]") {
      this.#at++
      return { _tag: "Array", items: [] }
    }
    const first = this.#expr()
    this.#lines()
    if (this.#peek() === "|") {
      this.#at++
      const body = this.#body("]")
      this.#expect("]")
      return { _tag: "Comprehension", head: first, body }
    }
    if (this.#peek() === ",") this.#at++
    else if (this.#peek() !== "]") throw new SyntaxError(`expected a comma or ], found ${String(this.#peek())}`)
    return { _tag: "Array", items: [first, ...this.#list("]")] }
  }

  #object(): Expr {
    this.#expect("{")
    const entries: Array<readonly [Expr, Expr]> = []
    for (this.#lines(); this.#peek() !== "}"; this.#lines()) {
      const key = this.#term()
      this.#expect(":")
      entries.push([key, this.#expr()])
      this.#lines()
      if (this.#peek() === ",") this.#at++
      else if (this.#peek() !== "}") throw new SyntaxError(`expected a comma or }, found ${String(this.#peek())}`)
    }
    this.#expect("}")
    return { _tag: "Object", entries }
  }
}

const isRecord = (value: Value): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const text = (value: Value): string => {
  if (typeof value !== "string") throw new TypeError("a text is expected")
  return value
}

const list = (value: Value): ReadonlyArray<unknown> => {
  if (!Array.isArray(value)) throw new TypeError("a list is expected")
  return value
}

const builtins: Readonly<Record<string, (...args: ReadonlyArray<Value>) => Value>> = {
  "array.concat": (a, b) => [...list(a), ...list(b)],
  "concat": (by, parts) => list(parts).map(text).join(text(by)),
  "count": (value) => typeof value === "string" ? [...value].length : list(value).length,
  "is_object": isRecord,
  "lower": (value) => text(value).toLowerCase(),
  "object.get": (object, key, otherwise) => isRecord(object) && Object.hasOwn(object, text(key)) ? object[text(key)] : otherwise,
  "object.keys": (object) => isRecord(object) ? Object.keys(object) : undefined,
  "regex.match": (regex, value) => RE2JS.compile(text(regex)).matcher(text(value)).find(),
  "regex.replace": (value, regex, by) => RE2JS.compile(text(regex)).matcher(text(value)).replaceAll(text(by)),
  "sort": (items) => list(items).map(text).toSorted(),
  "split": (value, by) => text(value).split(text(by)),
  "sprintf": (form, items) => {
    const rest = [...list(items)]
    return text(form).replace(/%s/gu, () => String(rest.shift()))
  },
  "startswith": (value, prefix) => text(value).startsWith(text(prefix))
}

/** Evaluates a rule of a module for an input. */
export const evaluate = (module: string, input: Value, rule: string): Value => {
  const rules = new Map<string, Array<Rule>>()
  for (const one of new Parser(module).module()) rules.set(one.name, [...rules.get(one.name) ?? [], one])
  const known = new Map<string, Value>()

  const unique = (values: ReadonlyArray<Value>): ReadonlyArray<Value> =>
    [...new Map(values.map((value) => [JSON.stringify(value), value])).values()]

  const global = (name: string): Value => {
    if (name === "input") return input
    if (known.has(name)) return known.get(name)
    const defined = rules.get(name)
    if (defined === undefined) throw new ReferenceError(`${name} is unsafe: nothing binds it`)
    const values = defined.flatMap(({ body, head }) => [...run(body, new Map())].map((env) => evalExpr(head, env)))
      .filter((value) => value !== undefined)
    const value = defined[0]?.kind === "set" ? unique(values) : one(name, values)
    known.set(name, value)
    return value
  }

  const one = (name: string, values: ReadonlyArray<Value>): Value => {
    const different = unique(values)
    if (different.length > 1) throw new Error(`${name} has several values: ${JSON.stringify(different)}`)
    return different[0]
  }

  const call = (name: string, args: ReadonlyArray<Value>): Value => {
    if (args.includes(undefined)) return undefined
    const defined = rules.get(name)
    if (defined === undefined) {
      const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined
      if (builtin === undefined) throw new ReferenceError(`there is no function ${name}`)
      return builtin(...args)
    }
    return one(name, defined.flatMap(({ body, head, params }) => {
      if (params.length !== args.length) throw new TypeError(`${name} takes ${params.length}`)
      const env = new Map(params.flatMap((param, at): ReadonlyArray<[string, Value]> => param === "_" ? [] : [[param, args[at]]]))
      return [...run(body, env)].map((bound) => evalExpr(head, bound)).filter((value) => value !== undefined)
    }))
  }

  const contains = (value: Value, holder: Value): boolean | undefined =>
    Array.isArray(holder)
      ? holder.some((item) => isDeepStrictEqual(item, value))
      : isRecord(holder) ? Object.values(holder).some((item) => isDeepStrictEqual(item, value)) : undefined

  const evalExpr = (expr: Expr, env: Env): Value => {
    switch (expr._tag) {
      case "Literal":
        return expr.value
      case "Array": {
        const items = expr.items.map((item) => evalExpr(item, env))
        return items.includes(undefined) ? undefined : items
      }
      case "Object": {
        const entries = expr.entries.map(([key, value]) => [evalExpr(key, env), evalExpr(value, env)] as const)
        return entries.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(entries.map(([key, value]) => [text(key), value]))
      }
      case "Comprehension":
        return [...run(expr.body, env)].map((bound) => evalExpr(expr.head, bound))
      case "Call":
        return call(expr.name, expr.args.map((arg) => evalExpr(arg, env)))
      case "Name":
        return env.has(expr.name) ? env.get(expr.name) : global(expr.name)
      case "Index": {
        const [of, key] = [evalExpr(expr.of, env), evalExpr(expr.key, env)]
        if (Array.isArray(of) && typeof key === "number") return of[key] as unknown
        return isRecord(of) && typeof key === "string" && Object.hasOwn(of, key) ? of[key] : undefined
      }
      case "Compare": {
        const [left, right] = [evalExpr(expr.left, env), evalExpr(expr.right, env)]
        if (left === undefined || right === undefined) return undefined
        return expr.operator === "in"
          ? contains(left, right)
          : expr.operator === "==" ? isDeepStrictEqual(left, right) : Number(left) > Number(right)
      }
    }
  }

  function* run(body: ReadonlyArray<Statement>, env: Env): Generator<Env> {
    const [statement, ...rest] = body
    if (statement === undefined) {
      yield env
      return
    }
    switch (statement._tag) {
      case "Assign": {
        const value = evalExpr(statement.expr, env)
        if (value !== undefined) yield* run(rest, new Map([...env, [statement.name, value]]))
        return
      }
      case "Not": {
        const value = evalExpr(statement.expr, env)
        if (value === undefined || value === false) yield* run(rest, env)
        return
      }
      case "Test": {
        const value = evalExpr(statement.expr, env)
        if (value !== undefined && value !== false) yield* run(rest, env)
        return
      }
      case "Some": {
        const of = evalExpr(statement.of, env)
        const entries: ReadonlyArray<readonly [Value, Value]> = Array.isArray(of) ? of.map((item, at) => [at, item]) : isRecord(of) ? Object.entries(of) : []
        for (const [key, value] of entries) {
          const bound = statement.names.length === 1 ? [[statement.names[0]!, value]] as const : [[statement.names[0]!, key], [statement.names[1]!, value]] as const
          yield* run(rest, new Map([...env, ...bound.filter(([name]) => name !== "_")]))
        }
      }
    }
  }

  return global(rule)
}
