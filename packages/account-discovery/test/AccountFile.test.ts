import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { join } from "node:path"
import * as AccountFile from "../src/AccountFile.ts"
import { folder, ids } from "./Discovery.ts"

const read = (text: string, source: string) => Effect.result(AccountFile.parse(text, source))

const accountsIn = (text: string, source: string) =>
  Effect.map(AccountFile.parse(text, source), (accounts) => accounts.map((account): Record<string, string> => ({ ...account })))

const role = "arn:aws:iam::111122223333:role/audit/Read"

const first = { accountId: "111122223333", name: "Web, the shop", roleArn: role, externalId: "a-b" }
const second = { accountId: "012345678901" }

describe("an account file", () => {
  const good: ReadonlyArray<readonly [name: string, source: string, text: string]> = [
    ["plain, without a heading", "a.txt", `# ours\n\n111122223333, "Web, the shop", ${role}, a-b # the first\r\n  012345678901\r\n`],
    ["CSV with a heading", "a.csv", `\uFEFFExternal ID,Account-Id,Role ARN,Name\na-b,111122223333,${role},"Web, the shop"\n,012345678901,,\n`],
    ["semicolons, as some spreadsheets write them", "a.csv", `id;name;role_arn;external_id\r\n111122223333;Web, the shop;${role};a-b\r\n012345678901;;;\r\n`],
    ["tabs", "a.tsv", `111122223333\tWeb, the shop\t${role}\ta-b\n012345678901\n`],
    ["JSON", "a.json", JSON.stringify([{ accountId: first.accountId, name: first.name, roleArn: role, externalId: "a-b" }, second.accountId])],
    ["JSON with tabs", "a.json", JSON.stringify({ accounts: [{ id: first.accountId, name: first.name, role_arn: role, external_id: "a-b" }, { account: second.accountId }] }, null, "\t")],
    ["YAML", "a.yml", `accounts:\n- account_id: 111122223333\n  name: Web, the shop\n  role_arn: ${role}\n  external_id: a-b # not secret\n- 012345678901\n`],
    ["YAML, a list itself", "a.yaml", `- {id: "111122223333", alias: 'Web, the shop', arn: "${role}", externalId: a-b}\n- id: '012345678901'\n  name:\n`]
  ]
  it.effect.each(good)("%s", ([, source, text]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* accountsIn(text, source), [first, second])
    }))

  it.effect("names may follow the id without a comma, and a role's name may stand for its ARN", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* accountsIn("111122223333   the web shop\n", "a.txt"), [
        { accountId: "111122223333", name: "the web shop" }
      ])
      assert.deepStrictEqual(yield* accountsIn("111122223333,,audit/Read\n", "a.txt"), [
        { accountId: "111122223333", roleName: "audit/Read" }
      ])
    }))

  const bad: ReadonlyArray<readonly [source: string, text: string, ...says: ReadonlyArray<string>]> = [
    ["a.txt", "", "a.txt:1: the file has no accounts"],
    ["a.txt", "# nobody\n", "a.txt:1: the file has no accounts"],
    ["a.json", "[]", "a.json:1: the file has no accounts"],
    ["a.txt", "\n 12345678901\n", "a.txt:2:2: \"12345678901\" is no account_id — an account id has 12 digits; where zeros at the front were lost, write it as text"],
    ["a.csv", "1.11122E+11,Web\n", "a.csv:1:1: \"1.11122E+11\" is no account_id — a spreadsheet made a number of it: write it as text"],
    ["a.txt", "111122223333\n222233334444\n111122223333\n", "a.txt:3:1: account 111122223333 is on line 1 already — remove one of the two"],
    ["a.csv", "account_id,colour\n111122223333,red\n", "a.csv:1:12: \"colour\" is no column of account files — the columns are account_id, name, role_arn, role_name, external_id"],
    ["a.csv", "id,account_id\n111122223333,222233334444\n", "a.csv:1:4: the column account_id is there twice — the columns are account_id, name, role_arn, role_name, external_id"],
    ["a.csv", "111122223333,a,,b-c,d\n", "a.csv:1:21: the line has more than 4 cells — the columns are account_id, name, role_arn, external_id"],
    ["a.csv", "111122223333,\"open\n", "a.csv:1:14: the quotation mark is not closed — cells end on their line"],
    ["a.csv", ",name\n", "a.csv:1:1: the account has no account_id"],
    ["a.csv", `222233334444,,${role}\n`, "a.csv:1:15: the role is account 111122223333's, not 222233334444's"],
    ["a.csv", "111122223333,,arn:aws:s3:::bucket\n", "a.csv:1:15: \"arn:aws:s3:::bucket\" is no role_arn — write it as arn:aws:iam::111122223333:role/Name"],
    ["a.csv", "111122223333,,,?\n", "a.csv:1:16: \"?\" is no external_id — an external id has 2 to 1,224 letters, digits or any of +=,.@:/-"],
    ["a.json", "{\"accounts\": [\"111122223333\"", "a.json:1:29: this is neither JSON nor YAML: "],
    ["a.json", "{\"acounts\": []}", "a.json:1:2: the file has no key \"acounts\" — its only key is accounts, or it is a list itself"],
    ["a.json", "\"111122223333\"", "a.json:1:1: there is no list of accounts — write a list, or an object with a list under accounts"],
    ["a.json", "{\"accounts\": {}}", "a.json:1:14: there is no list of accounts — write a list, or an object with a list under accounts"],
    ["a.yaml", "- 111122223333\n- true\n- [1]\n", "a.yaml:2:3: \"true\" is no account id — write it in quotes", "a.yaml:3:3: an account is an id, or an object with account_id"],
    ["a.yaml", "- id: 111122223333\n  colour: red\n", "a.yaml:2:3: an account has no key \"colour\" — the keys are account_id, name, role_arn, role_name, external_id"],
    ["a.yaml", "- id: 111122223333\n  account: 222233334444\n", "a.yaml:2:3: \"account\" says account_id again — write it once"],
    ["a.yaml", "- id: 111122223333\n  name: [a]\n", "a.yaml:2:9: name must be text"],
    ["a.yaml", "- id: 111122223333\n  role_name: A\n  role_arn: " + role + "\n", "a.yaml:2:14: the account has a role_arn and a role_name — write one of them"],
    ["a.yaml", "- name: nobody\n", "a.yaml:1:3: the account has no account_id"]
  ]
  it.effect.each(bad)("%s %j is told where it is wrong, and what to do", ([source, text, ...says]) =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(AccountFile.parse(text, source))
      const lines = message.split("\n")
      assert.strictEqual(lines.length, says.length)
      for (const [at, line] of lines.entries()) {
        if (says[at]!.endsWith(": ")) assert.isTrue(line.startsWith(says[at]!), line)
        else assert.strictEqual(line, says[at])
      }
    }))

  it.effect("ten thousand accounts are read, one more is not", () =>
    Effect.gen(function*() {
      const many = ids(10_000)
      assert.strictEqual((yield* AccountFile.parse(many.join("\n"), "a.txt")).length, 10_000)
      assert.strictEqual((yield* AccountFile.parse(JSON.stringify(many), "a.json")).length, 10_000)
      const error = yield* Effect.flip(AccountFile.parse([...many, "999999999999"].join("\n"), "a.txt"))
      assert.include(error.message, "a.txt:10001:1: the file has 10001 accounts")
    }))

  it.effect.each([["[", "a.json"], ["{a: ", "a.yaml"], ["- ", "a.yaml"], ["\"", "a.csv"], ["*", "a.txt"]])(
    "a mebibyte of %j is told, not crashed on",
    ([text, source]) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(AccountFile.parse(text!.repeat(Math.floor(1_000_000 / text!.length)), source!))
        assert.isAbove(error.issues.length, 0)
        assert.isBelow(error.message.length, 20_000)
      })
  )

  it.effect("of many problems the first twenty are told", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(AccountFile.parse("x\n".repeat(500), "a.txt"))
      assert.strictEqual(error.issues.length, 20)
    }))

  it.live("must be there, be UTF-8 text and have a mebibyte at most", () =>
    Effect.gen(function*() {
      const path = yield* folder({ "large.txt": "# ".padEnd(1024 * 1024 + 1), "utf16.csv": "", "good.txt": "111122223333" })
      const { writeFileSync } = yield* Effect.promise(() => import("node:fs"))
      writeFileSync(join(path, "utf16.csv"), Buffer.from("\uFEFF111122223333", "utf16le"))
      const says = (name: string) => Effect.map(Effect.flip(AccountFile.load(join(path, name))), ({ message }) => message)
      assert.include(yield* says("missing.txt"), "missing.txt:1: there is no such file")
      assert.include(yield* says("large.txt"), "the file has 1048577 bytes — at most 1 MiB is read")
      assert.include(yield* says("utf16.csv"), "the file is no UTF-8 text — save it as UTF-8")
      assert.include(yield* says("."), "the file cannot be read (EISDIR)")
      assert.strictEqual((yield* AccountFile.load(join(path, "good.txt"))).length, 1)
    }))

  const id = fc.stringMatching(/^[0-9]{12}$/u)
  const word = fc.stringMatching(/^[A-Za-z][\w .&-]{0,20}[A-Za-z]$/u)
  const entry = fc.record(
    { accountId: id, name: word, externalId: fc.stringMatching(/^[\w+=.@:/-]{2,30}$/u) },
    { requiredKeys: ["accountId"] }
  )
  const entries = fc.uniqueArray(entry, { selector: ({ accountId }) => accountId, minLength: 1, maxLength: 12 })

  it("Property: what is written in any format is read again (150 runs)", () =>
    fc.assert(
      fc.asyncProperty(entries, fc.constantFrom(",", ";", "\t"), (accounts, separator) =>
        Effect.gen(function*() {
          const rows = accounts.map(({ accountId, externalId = "", name = "" }) =>
            [accountId, `"${name}"`, "", externalId].join(separator)
          )
          const objects = accounts.map(({ accountId, ...others }) => ({ account_id: accountId, ...others }))
          const files = [["a.csv", rows.join("\r\n")], ["a.json", JSON.stringify(objects)], ["a.yaml", JSON.stringify({ accounts: objects }, null, 1)]]
          for (const [source, text] of files) assert.deepStrictEqual(yield* accountsIn(text!, source!), accounts)
        }).pipe(Effect.runPromise)),
      { numRuns: 150 }
    ))

  const pieces = fc.constantFrom(
    ..."\n\r\t ,;\"'#:-[]{}&*!|>%@`\\\u0000\uFEFF\u2028\uD800".split(""),
    "111122223333",
    "account_id",
    "accounts:",
    "__proto__",
    "arn:aws:iam::111122223333:role/A",
    "- ",
    "null",
    "1e11",
    "💣"
  )
  const junk = fc.oneof(
    fc.array(fc.oneof(pieces, fc.string({ unit: "binary", maxLength: 4 })), { maxLength: 40 }).map((all) => all.join("")),
    fc.json()
  )

  it("Property: whatever a file holds is accounts, or an error with a line of it (400 runs)", () =>
    fc.assert(
      fc.asyncProperty(junk, fc.constantFrom("a.txt", "a.csv", "a.json", "a.yaml"), (text, source) =>
        Effect.gen(function*() {
          const result = yield* read(text, source)
          if (result._tag === "Success") {
            const found = result.success.map(({ accountId }) => accountId)
            assert.isAbove(found.length, 0)
            assert.strictEqual(new Set(found).size, found.length)
            for (const one of found) assert.match(one, /^[0-9]{12}$/u)
          } else {
            const lines = text.split(/\r\n|\n|\r/u).length
            for (const issue of result.failure.issues) {
              assert.isAtLeast(issue.line, 1)
              assert.isAtMost(issue.line, lines)
              assert.isAbove(issue.message.length, 5)
            }
          }
        }).pipe(Effect.runPromise)),
      { numRuns: 400 }
    ))
})
