/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { SageMaker } from "../../services/SageMaker.ts"
import { declare } from "../../TypeDeclaration.ts"

export const SageMakerNotebookInstance = declare("sagemaker:notebook-instance", SageMaker, {
  share: 0.4,
  arns: ["sagemaker", "notebook-instance/"],
  identify: (spot) => spot.plain("sagemaker", "notebook-instance/", "research", "training"),
  state: (spot) => spot.pick(50, ["InService", "Stopped"]),
  operations: {
    ListNotebookInstances: list({
      items: "NotebookInstances",
      page: { size: "MaxResults", max: 100, byDefault: 10 },
      item: (one) => ({
        NotebookInstanceName: one.name,
        NotebookInstanceArn: one.arn,
        NotebookInstanceStatus: one.state,
        InstanceType: "ml.t3.medium",
        CreationTime: one.createdAt
      })
    })
  }
})
