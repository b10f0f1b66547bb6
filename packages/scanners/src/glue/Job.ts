import { GetJobsCommand, GetTagsCommand, GlueClient } from "@aws-sdk/client-glue"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const job = Scanner.make("glue:job", {
  cloudFormation: "AWS::Glue::Job", actions: ["glue:GetJobs"],
  list: Aws.list(GlueClient, GetJobsCommand, { MaxResults: 1000 }, ({ Jobs }) => Jobs),
  describe: ({ Command, CreatedOn, GlueVersion, Name, NumberOfWorkers, Role, WorkerType }, place) => ({
    arn: place.arn("glue", "job/", Name), name: Name, createdAt: CreatedOn,
    attributes: {
      command: Command?.Name, glueVersion: GlueVersion, workerType: WorkerType, workers: NumberOfWorkers, role: Role
    }
  }),
  tags: Scanner.tags("glue:GetTags", ({ arn }) =>
    Aws.send(GlueClient, new GetTagsCommand({ ResourceArn: arn })), ({ Tags }) => Tags)
})
