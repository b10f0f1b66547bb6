import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import { quoted, safe } from "../src/ErrorSanitiser.ts"
import { explain, RequestRefused } from "../src/ToolFailure.ts"

describe("what is said of failures", () => {
  it.each([
    ["an access key id", "the key AKIAIOSFODNN7EXAMPLE is inactive", "AKIAIOSFODNN7EXAMPLE"],
    ["a secret key", "signed with wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY here", "wJalrXUtnFEMI"],
    ["a named secret", "aws_secret_access_key = abcdef123456", "abcdef123456"],
    ["a session token", "{\"SessionToken\": \"IQoJb3JpZ2luX2VjEA\"}", "IQoJb3JpZ2luX2VjEA"],
    ["a bearer token", "Authorization: Bearer eyJhbGciOi.J9.x-y", "eyJhbGciOi"],
    ["a connection string", "postgres://cadastre:hunter2@db:5432/history", "hunter2"],
    ["a secret in an address", "cadastre://scan/x?cursor=wJalrXUtnFEMI%2FK7MDENG%2FbPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI"],
    ["a secret as an address", "cadastre://scan/wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI"],
    ["a connection string with percent signs", "cadastre://scan/postgres%3A%2F%2Fcadastre%3Ahunter2%40db", "hunter2"],
    ["a connection string that was cut", "`postgres://cadastre:hunter2-and…` is no ARN", "hunter2"],
    ["a path", "ENOENT: no such file, open '/home/somebody/.aws/credentials'", "somebody"],
    ["a path after a blank", "cannot read /etc/cadastre/policy.yaml", "/etc/"],
    ["a path on Windows", "cannot read C:\\Users\\somebody\\policy.yaml", "somebody"],
    ["a file's address", "at file:///opt/app/main.js", "/opt/app"],
    ["a stack trace", "it broke\n    at run (node:internal/x:1:2)\n    at main (x.js:1:2)", "node:internal"]
  ])("leaves out %s", (_, text, secret) => {
    assert.include(text, secret)
    assert.notInclude(safe(text), secret)
    assert.notInclude(quoted(text), secret)
  })

  it.each([
    "User: arn:aws:iam::111122223333:user/simulated is not authorized to perform: ec2:DescribeInstances",
    "User: simulated is not authorized to perform: secretsmanager:ListSecrets",
    "Resource type \"vault\" is unknown. Valid types: secretsmanager:secret, sns:topic",
    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/database-AbCdEf was not found",
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188",
    "Could not connect to https://sqs.eu-west-1.amazonaws.com/queue",
    "Could not connect to https://localhost:4566…",
    "cadastre://scan/0123456789abcdef0123456789abcdef?cursor=0123456789abcdef0123456789abcdef.100",
    "arn:aws:s3:::a-bucket-of-100%25-of-40%/da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "Region \"mars\" is no Region of this partition. Valid Regions: eu-west-1, us-east-1"
  ])("leaves %s as it is", (text) => assert.strictEqual(safe(text), text))

  it("says what to do, and of the server's own faults only that there is one", () => {
    const refused = new RequestRefused({ why: "That is not possible.", remedy: "Ask for this." })
    assert.strictEqual(explain(Cause.fail(refused)), "That is not possible. Ask for this.")
    const fault = explain(Cause.die(new Error("undefined is not a function at /home/somebody/x.ts")))
    assert.match(fault, /fault of its own/u)
    assert.notMatch(fault, /somebody|undefined/u)
  })
})
