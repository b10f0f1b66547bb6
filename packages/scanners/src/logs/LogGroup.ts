import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand
} from "@aws-sdk/client-cloudwatch-logs"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const logGroup = Scanner.make("logs:log-group", {
  cloudFormation: "AWS::Logs::LogGroup", actions: ["logs:DescribeLogGroups"],
  list: Aws.list(CloudWatchLogsClient, DescribeLogGroupsCommand, { limit: 50 }, (it) => it.logGroups, "nextToken"),
  // The older `arn` ends with `:*`, which stands for the streams of the group.
  describe: ({ arn, creationTime, logGroupArn, logGroupName, retentionInDays, storedBytes }) => ({
    arn: logGroupArn ?? arn?.replace(/:\*$/u, ""), id: logGroupName, name: logGroupName, createdAt: creationTime,
    attributes: { retentionDays: retentionInDays, storedBytes }
  }),
  tags: Scanner.tags("logs:ListTagsForResource", ({ arn }) =>
    Aws.send(CloudWatchLogsClient, new ListTagsForResourceCommand({ resourceArn: arn })), ({ tags }) => tags)
})
