/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { SageMaker } from "../../services/SageMaker.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const SageMakerEndpoint = declare("sagemaker:endpoint", SageMaker, {
  share: 0.5,
  arns: ["sagemaker", "endpoint/"],
  identify: (spot) => spot.plain("sagemaker", "endpoint/", "fraud", "ranking"),
  state: "InService",
  operations: {
    ListEndpoints: list({
      items: "Endpoints",
      page: { size: "MaxResults", max: 100, byDefault: 10 },
      item: (one) => ({
        EndpointName: one.name,
        EndpointArn: one.arn,
        EndpointStatus: one.state,
        CreationTime: one.createdAt,
        LastModifiedTime: one.createdAt
      })
    }),
    ListTags: tags({ id: "ResourceArn", tags: "Tags", page: { size: "MaxResults", min: 50, max: 100, byDefault: 50 } })
  }
})
