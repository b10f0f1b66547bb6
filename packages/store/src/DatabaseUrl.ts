/**
 * Where the store is.
 *
 * @since 0.1.0
 */
import { fileURLToPath } from "node:url"
import * as Config from "effect/Config"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { databasePath } from "./UserData.ts"

/**
 * A SQLite file or a PostgreSQL server.
 *
 * @category models
 * @since 0.1.0
 */
export type DatabaseUrl =
  | { readonly _tag: "Sqlite"; readonly path: string }
  | { readonly _tag: "Postgres"; readonly url: Redacted.Redacted }

/**
 * What a text means; nothing where it means nothing.
 *
 * `postgres://` and `postgresql://` are servers. `sqlite:///var/lib/cadastre.db`
 * (three slashes: the path begins with one), `sqlite:relative.db` and
 * `file:///var/lib/cadastre.db` are files.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string): DatabaseUrl | undefined => {
  if (/^postgres(?:ql)?:\/\//u.test(text)) {
    return URL.canParse(text) && new URL(text).hostname !== "" ? { _tag: "Postgres", url: Redacted.make(text) } : undefined
  }
  const path = /^sqlite:(?:\/\/(?=\/))?(?!\/\/)(.+)$/u.exec(text)?.[1]
  if (path !== undefined) return path.endsWith("/") ? undefined : { _tag: "Sqlite", path: decoded(path) }
  if (!text.startsWith("file:") || !URL.canParse(text) || new URL(text).host !== "" || text.endsWith("/")) return undefined
  return { _tag: "Sqlite", path: fileURLToPath(new URL(text)) }
}

const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

const Url = Schema.String.check(Schema.makeFilter((text: string) =>
  // Not what it is: there may be a password in it.
  parse(text) !== undefined ||
  "DATABASE_URL is not the address of a database: write postgres://user:password@host:5432/database or sqlite:///path/to/file"
))

/**
 * `DATABASE_URL`; the SQLite file in the user's data directory where it is not
 * set. Anything else is a `ConfigError` that does not show it.
 *
 * @category configuration
 * @since 0.1.0
 */
export const databaseUrl: Config.Config<DatabaseUrl> = Config.option(Config.schema(Url, "DATABASE_URL")).pipe(
  Config.map((text) => Option.match(text, {
    onNone: (): DatabaseUrl => ({ _tag: "Sqlite", path: databasePath() }),
    onSome: (text) => parse(text)!
  }))
)

/**
 * Where a server is, without user, password and options.
 *
 * @category getters
 * @since 0.1.0
 */
export const addressOf = (url: Redacted.Redacted): string => {
  const { host, pathname } = new URL(Redacted.value(url))
  return `PostgreSQL at ${host}${pathname}`
}
