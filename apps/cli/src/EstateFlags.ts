/** The flags that say which estate a command is about, and how loud it is: shared by all commands that call AWS. */
import * as Flag from "effect/cli/Flag"
import type * as Option from "effect/Option"

/** A list may be given by repeating the flag, with commas, or both. */
export const list = (name: string) =>
  Flag.String(name).pipe(
    Flag.atLeast(0),
    Flag.map((values) => values.flatMap((value) => value.split(",")).map((value) => value.trim()).filter(Boolean))
  )

const profile = Flag.String("profile").pipe(
  Flag.withAlias("p"),
  Flag.optional,
  Flag.withDescription("A profile of the AWS configuration files")
)

const endpointUrl = Flag.String("endpoint-url").pipe(
  Flag.optional,
  Flag.withDescription("Send every AWS call here instead (AWS_ENDPOINT_URL does the same)")
)

const debug = Flag.Boolean("debug").pipe(
  Flag.withAlias("d"),
  Flag.withDefault(false),
  Flag.withDescription("Log what happens, to stderr")
)

const regions = list("regions").pipe(
  Flag.withAlias("r"),
  Flag.withDescription("Regions, also eu-* or !us-west-1; all enabled ones by default")
)

const types = list("types").pipe(
  Flag.withAlias("t"),
  Flag.withDescription("Resource types such as ec2:instance, or ec2 for all of a service; all by default")
)

export const format = Flag.String("format").pipe(
  Flag.withAlias("f"),
  Flag.optional,
  Flag.withDescription("table (default), json, ndjson, markdown, html or csv")
)

export const output = Flag.String("output").pipe(
  Flag.withAlias("o"),
  Flag.optional,
  Flag.withDescription("Write the report to this file instead of stdout")
)

const allowIncomplete = Flag.Boolean("allow-incomplete").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Do not exit with 3 when part of the scope could not be seen")
)

/** Where AWS is, whom we call it as, and how loud we are. */
export const connection = { profile, endpointUrl, debug }

/** What {@link connection} parses to. */
export interface Connection {
  readonly profile: Option.Option<string>
  readonly endpointUrl: Option.Option<string>
  readonly debug: boolean
}

/** What a scan looks at, and where its report goes. */
export const scope = { ...connection, regions, types, format, output, allowIncomplete }

/** What {@link scope} parses to. */
export interface Scope extends Connection {
  readonly regions: ReadonlyArray<string>
  readonly types: ReadonlyArray<string>
  readonly format: Option.Option<string>
  readonly output: Option.Option<string>
  readonly allowIncomplete: boolean
}
