import { BatchGetProjectsCommand, CodeBuildClient, ListProjectsCommand } from "@aws-sdk/client-codebuild"
import { Aws } from "@cadastre/client-factory"
import { Lookup, Scanner } from "@cadastre/scanner-core"

export const project = Scanner.make("codebuild:project", {
  cloudFormation: "AWS::CodeBuild::Project", actions: ["codebuild:ListProjects", "codebuild:BatchGetProjects"],
  list: Lookup.batches(
    Aws.list(CodeBuildClient, ListProjectsCommand, {}, ({ projects }) => projects, "nextToken"),
    100,
    (names) => Aws.send(CodeBuildClient, new BatchGetProjectsCommand({ names: [...names] })),
    ({ projects }) => projects,
    ({ projectsNotFound }) => projectsNotFound?.map(() => ({ reason: "MISSING" }))
  ),
  describe: ({ arn, created, environment, name, serviceRole, source, tags, vpcConfig }) => ({
    arn, name, tags, createdAt: created,
    attributes: {
      source: source?.type, computeType: environment?.computeType, roleArn: serviceRole, vpcId: vpcConfig?.vpcId
    }
  })
})
