/**
 * A scanner of one's own: Lambda functions on runtimes that AWS no longer supports, as a type by itself, so that a
 * policy can ask more of them (an owner, a date until when they may stay) than of other functions.
 */
import { LambdaClient, ListFunctionsCommand, ListTagsCommand } from "@aws-sdk/client-lambda"
import { Aws } from "@cadastre/client-factory"
import { OwnScanners, Scanner } from "@cadastre/scanner-core"

const outdated = /^(?:dotnetcore|go1|java8$|nodejs(?:4|6|8|10|12|14|16|18)|python(?:2|3\.[678])|ruby2)/u

export default OwnScanners.define({
  scanners: [
    Scanner.make("acme:outdated-function", {
      cloudFormation: "AWS::Lambda::Function",
      actions: ["lambda:ListFunctions"],
      list: Aws.list(LambdaClient, ListFunctionsCommand, { MaxItems: 50 }, (page) => page.Functions, [
        "Marker",
        "NextMarker"
      ]),
      describe: ({ FunctionArn, FunctionName, Runtime }) =>
        outdated.test(Runtime ?? "")
          ? { arn: FunctionArn, id: FunctionName, name: FunctionName, attributes: { runtime: Runtime } }
          : undefined,
      tags: Scanner.tags("lambda:ListTags", ({ arn }) =>
        Aws.send(LambdaClient, new ListTagsCommand({ Resource: arn })), ({ Tags }) => Tags)
    })
  ]
})
