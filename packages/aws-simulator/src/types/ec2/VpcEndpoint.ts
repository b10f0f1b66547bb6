/** @since 0.1.0 */
import { Ec2 } from "../../services/Ec2.ts"
import { describes } from "../../services/ec2/Describing.ts"
import { declare } from "../../TypeDeclaration.ts"

export const Ec2VpcEndpoint = declare("ec2:vpc-endpoint", Ec2, {
  share: 2,
  arns: ["ec2", "vpc-endpoint/"],
  nameTag: true,
  mark: ({ hash }) => hash % 20 === 0 ? "aws-created" : undefined,
  deleted: ["deleted", 0.04],
  identify: (spot) => spot.ec2("vpce", "vpc-endpoint", "s3", "ssm", "ecr"),
  state: "available",
  attributes: (spot) => ({ vpcId: spot.vpcId, service: spot.pick(50, ["s3", "ssm", "ecr.api"]) }),
  operations: {
    DescribeVpcEndpoints: describes({
      items: "VpcEndpoints",
      ids: "VpcEndpointIds",
      notFound: "InvalidVpcEndpointId.NotFound",
      pages: [1, 1000],
      fields: { "vpc-endpoint-id": (one) => one.id, "vpc-endpoint-state": (one) => one.state },
      item: (one) => ({
        VpcEndpointId: one.id,
        VpcEndpointType: one.attributes.service === "s3" ? "Gateway" : "Interface",
        VpcId: one.attributes.vpcId,
        ServiceName: `com.amazonaws.${one.region}.${one.attributes.service}`,
        State: one.state,
        RequesterManaged: one.mark === "aws-created",
        OwnerId: one.accountId,
        CreationTimestamp: one.createdAt
      })
    })
  }
})
