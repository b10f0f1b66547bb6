import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as AccountFlags from "../AccountFlags.ts"
import { config } from "../ConfigFile.ts"
import * as EstateFlags from "../EstateFlags.ts"
import { policy } from "./CheckCommand.ts"

const host = Flag.String("host").pipe(
  Flag.optional,
  Flag.withDescription("The address to listen on; 127.0.0.1 by default, any other needs tokens (MCP_SERVER_HOST)")
)

const port = Flag.Int("port").pipe(
  Flag.optional,
  Flag.withDescription("The port, 0 for a free one; 8080 by default (MCP_SERVER_PORT)")
)

const tlsCert = Flag.String("tls-cert").pipe(
  Flag.optional,
  Flag.withDescription("A certificate in PEM format, for https (MCP_TLS_CERT_FILE)")
)

const tlsKey = Flag.String("tls-key").pipe(
  Flag.optional,
  Flag.withDescription("The certificate's key (MCP_TLS_KEY_FILE)")
)

const demo = Flag.Boolean("demo").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Serve a simulated estate; needs no AWS account")
)

export const serve = Command.make(
  "serve",
  { ...EstateFlags.connection, ...AccountFlags.accounts, policy, config, host, port, tlsCert, tlsKey, demo },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/ServeHttp.ts")), ({ serve }) => serve(flags))
).pipe(Command.withDescription("Serve AI assistants (Model Context Protocol at /mcp) and people (a dashboard at /) over HTTP"))
