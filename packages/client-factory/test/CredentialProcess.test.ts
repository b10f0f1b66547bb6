/** Credentials by a program: what it prints, and what is told of one that fails. */
import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import * as fc from "fast-check"
import { chmodSync, existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Accounts, Aws, AwsSettings } from "../src/index.ts"
import { run } from "../src/CredentialProcess.ts"
import { configured } from "./Configured.ts"

const own = "111122223333"
const other = "222233334444"
const secret = "hunter2-and-more"

const failing = (command: string, withinMs = 20_000) =>
  Effect.map(
    Effect.promise(() => run({ profile: "corp", command }, withinMs).then(() => new Error("it has not failed"), (error: Error) => error)),
    (error) => {
      assert.strictEqual(error.name, "CredentialsProviderError")
      assert.propertyVal(error, "tryNextLink", false)
      assert.include(error.message, "the credential_process of profile \"corp\" (")
      assert.include(error.message, "Run it yourself")
      assert.notInclude(error.message, secret)
      return error.message
    }
  )

/** A program of the shell. */
const script = (folder: string, name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
  return path
}

const printing = (value: unknown): string => `cat <<'END'\n${typeof value === "string" ? value : JSON.stringify(value)}\nEND`

const keys = { Version: 1, AccessKeyId: "AKIDEXAMPLE", SecretAccessKey: "secret" }

describe("a credential_process", () => {
  it.live("gives what it prints", () =>
    Effect.gen(function*() {
      const { folder } = yield* configured("")
      const path = script(folder, "good helper", printing({ ...keys, SessionToken: "t", Expiration: "2999-01-01T00:00:00Z", AccountId: own }))
      assert.deepStrictEqual(yield* Effect.promise(() => run({ profile: "corp", command: `"${path}" --token ${secret}` }, 20_000)), {
        accessKeyId: "AKIDEXAMPLE",
        secretAccessKey: "secret",
        sessionToken: "t",
        expiration: new Date("2999-01-01T00:00:00Z"),
        accountId: own
      })
      const bare = script(folder, "bare", `echo ${secret} >&2; ${printing(keys)}`)
      assert.deepStrictEqual(yield* Effect.promise(() => run({ profile: "corp", command: bare }, 20_000)), {
        accessKeyId: "AKIDEXAMPLE",
        secretAccessKey: "secret"
      })
    }))

  it.live("that fails is told: its program, how it ended, its first line, and no secret", () =>
    Effect.gen(function*() {
      const { folder } = yield* configured("")
      const path = script(folder, "helper", `printf '\\n\\033[31mno session for %s, log in\\033[0m\\nmore\\n' "$2" >&2; exit 3`)
      assert.strictEqual(
        yield* failing(`TOKEN=${secret} ${path} --token ${secret}`),
        `the credential_process of profile "corp" (${path} …) ended with 3: no session for …, log in. Run it yourself, as it ` +
          "stands in the AWS configuration file, and see what it prints"
      )
      assert.include(yield* failing(script(folder, "silent", "exit 1")), "silent) ended with 1. Run it")
      assert.include(yield* failing(`/no/such/helper --token ${secret}`), "(/no/such/helper …) was not found (it ended with 127)")
      const text = join(folder, "text")
      writeFileSync(text, "")
      assert.include(yield* failing(`${text} ${secret}`), "may not be run (it ended with 126)")
      assert.match(yield* failing(script(folder, "killed", "kill -9 $$")), /was ended by SIGKILL|ended with 137/u)
      const chatty = yield* failing(script(folder, "chatty", "head -c 3000000 /dev/zero | tr '\\0' 'a ' >&2; exit 2"))
      assert.isBelow(chatty.length, 600)
    }))

  it.live("that prints something else is told, but not what it printed", () =>
    Effect.gen(function*() {
      const { folder } = yield* configured("")
      const cases: ReadonlyArray<readonly [printed: unknown, problem: string]> = [
        ["", "ended well, but printed nothing"],
        [`token ${secret}`, "printed something else than one JSON object"],
        [[secret], "printed something else than one JSON object"],
        [{ ...keys, Version: 2 }, "without \"Version\": 1"],
        [{ ...keys, Version: "1" }, "without \"Version\": 1"],
        [{ Version: 1, AccessKeyId: secret }, "without AccessKeyId and SecretAccessKey"],
        [{ ...keys, SecretAccessKey: "" }, "without AccessKeyId and SecretAccessKey"],
        [{ ...keys, Expiration: secret }, "an Expiration that is no date"],
        [{ ...keys, Expiration: "2001-01-01T00:00:00Z" }, "credentials that have expired"]
      ]
      for (const [at, [printed, problem]] of cases.entries()) {
        assert.include(yield* failing(script(folder, `printing-${at}`, printing(printed))), problem)
      }
    }))

  it.live("that hangs is not waited for, whatever it has started", () =>
    Effect.gen(function*() {
      const { folder } = yield* configured("")
      const started = performance.now()
      const message = yield* failing(script(folder, "hanging", "echo 'waiting for a touch' >&2; sleep 3 & wait"), 300)
      assert.include(message, "has printed nothing whole within 0.3 s")
      assert.include(message, "waiting for a touch")
      assert.isBelow(performance.now() - started, 2500)
    }))

  it.live("tells no secret that its error output repeats", () =>
    Effect.gen(function*() {
      const { folder } = yield* configured("")
      const path = script(folder, "echo", "cat \"$1\" >&2; exit 1")
      const token = fc.stringMatching(/^[A-Za-z0-9]{36,60}$/u)
      const forms = [
        (text: string) => `bearer ${text}`,
        (text: string) => `password=${text.slice(0, 9)}`,
        (text: string) => `"secret": "${text.slice(0, 12)}"`,
        (text: string) => `https://me:${text.slice(0, 12)}@idp.example.com/`,
        (text: string) => `got ${text}`
      ]
      const lines = fc.sample(fc.record({ token, form: fc.constantFrom(...forms) }), { numRuns: 12, seed: 7 })
      yield* Effect.forEach(lines, ({ form, token }, at) =>
        Effect.gen(function*() {
          const file = join(folder, `line-${at}`)
          writeFileSync(file, `denied: ${form(token)}\n`)
          const message = yield* failing(`${path} ${file}`)
          assert.include(message, "ended with 1: denied")
          assert.notInclude(message, token.slice(0, 9))
        }), { concurrency: 4 })
    }))
})

describe("a profile with a credential_process", () => {
  const layerOf = (endpointUrl: string, profile?: string) =>
    Accounts.layerNoDeps.pipe(
      Layer.provideMerge(Aws.Aws.layer),
      Layer.provide(Layer.succeed(AwsSettings, { endpointUrl, ...(profile === undefined ? {} : { profile }) })),
      Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({})))
    )

  it.live("is entered by it, also by way of roles; one that fails is the end of it", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts: [own, other], resources: 0 } })
      const { accessKeyId, secretAccessKey } = simulator.credentials(own)
      const { folder, write } = yield* configured("")
      const good = script(folder, "good", printing({ Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey }))
      const count = join(folder, "count")
      const bad = script(folder, "bad", `echo run >> ${count}; echo "no login for ${secret}" >&2; exit 4`)
      write(`
[default]
credential_process = ${bad} --pin ${secret}
[profile good]
credential_process = ${good}
[profile role]
role_arn = arn:aws:iam::${other}:role/OrganizationAccountAccessRole
source_profile = good
[profile chain]
role_arn = arn:aws:iam::${own}:role/OrganizationAccountAccessRole
role_session_name = somebody
source_profile = role
[profile behind]
role_arn = arn:aws:iam::${other}:role/OrganizationAccountAccessRole
source_profile = default
[profile both]
aws_access_key_id = ${accessKeyId}
aws_secret_access_key = ${secretAccessKey}
credential_process = ${bad}
`)
      yield* Effect.gen(function*() {
        const accounts = yield* Accounts
        assert.strictEqual((yield* accounts.profile("good")).id, own)
        assert.strictEqual((yield* accounts.profile("role")).id, other)
        const chained = yield* accounts.profile("chain")
        assert.strictEqual(chained.id, own)
        assert.match(chained.arn, /assumed-role\/OrganizationAccountAccessRole\/somebody$/u)
        assert.strictEqual((yield* accounts.profile("both")).id, own)
        assert.isFalse(existsSync(count))
        for (const failing of [accounts.profile("behind"), accounts.current, accounts.profile("default")]) {
          const error = yield* Effect.flip(failing)
          assert.strictEqual(error.reason._tag, "InvalidCredentials")
          assert.include(error.message, `the credential_process of profile "default" (${bad} …) ended with 4: no login for …`)
          assert.notInclude(error.message, secret)
        }
      }).pipe(Effect.provide(layerOf(simulator.url)))
      const current = Accounts.use((accounts) => accounts.current)
      assert.strictEqual((yield* Effect.provide(current, layerOf(simulator.url, "role"))).id, other)
      // Keys of the environment come before what no profile is named for.
      process.env["AWS_ACCESS_KEY_ID"] = accessKeyId
      process.env["AWS_SECRET_ACCESS_KEY"] = secretAccessKey
      assert.strictEqual((yield* Effect.provide(current, layerOf(simulator.url))).id, own)
    }))
})
