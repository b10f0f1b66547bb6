import { LambdaClient, ListFunctionsCommand, ListTagsCommand } from "@aws-sdk/client-lambda"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const lambdaFunction = Scanner.make("lambda:function", {
  cloudFormation: "AWS::Lambda::Function", actions: ["lambda:ListFunctions"],
  list: Aws.list(LambdaClient, ListFunctionsCommand, { MaxItems: 50 }, (it) => it.Functions, ["Marker", "NextMarker"]),
  describe: ({ FunctionArn, FunctionName, LastModified, MemorySize, Runtime, State, ...its }) => ({
    arn: FunctionArn, id: FunctionName, name: FunctionName, state: State,
    attributes: {
      runtime: Runtime, memoryMiB: MemorySize, lastModified: LastModified, roleArn: its.Role,
      // The empty text where it is in none.
      vpcId: its.VpcConfig?.VpcId || undefined
    }
  }),
  tags: Scanner.tags("lambda:ListTags", ({ arn }) =>
    Aws.send(LambdaClient, new ListTagsCommand({ Resource: arn })), ({ Tags }) => Tags)
})
