import { ListNotebookInstancesCommand, ListTagsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const notebookInstance = Scanner.make("sagemaker:notebook-instance", {
  cloudFormation: "AWS::SageMaker::NotebookInstance", actions: ["sagemaker:ListNotebookInstances"],
  list: Aws.list(SageMakerClient, ListNotebookInstancesCommand, { MaxResults: 100 }, (page) => page.NotebookInstances),
  describe: ({ CreationTime, InstanceType, NotebookInstanceArn, NotebookInstanceName, NotebookInstanceStatus }) => ({
    arn: NotebookInstanceArn, name: NotebookInstanceName, createdAt: CreationTime, state: NotebookInstanceStatus,
    attributes: { instanceType: InstanceType }
  }),
  tags: Scanner.tagPages("sagemaker:ListTags", ({ arn }) =>
    Aws.list(SageMakerClient, ListTagsCommand, { ResourceArn: arn, MaxResults: 100 }, ({ Tags }) => Tags))
})
