/** @since 0.1.0 */
import { Ec2 } from "../../services/Ec2.ts"
import { describes } from "../../services/ec2/Describing.ts"
import { declare } from "../../TypeDeclaration.ts"

export const Ec2LaunchTemplate = declare("ec2:launch-template", Ec2, {
  share: 2.5,
  arns: ["ec2", "launch-template/"],
  nameTag: false,
  mark: ({ hash }) => hash % 25 === 0 ? "aws-created" : undefined,
  identify: (spot) => spot.ec2("lt", "launch-template", "web", "worker", "batch"),
  attributes: (spot) => ({ version: String(1 + spot.below(50, 40)) }),
  operations: {
    DescribeLaunchTemplates: describes({
      items: "LaunchTemplates",
      ids: "LaunchTemplateIds",
      notFound: "InvalidLaunchTemplateId.NotFound",
      pages: [1, 200],
      fields: { "launch-template-name": (one) => one.name },
      item: (one) => ({
        LaunchTemplateId: one.id,
        LaunchTemplateName: one.name,
        CreateTime: one.createdAt,
        CreatedBy: `arn:aws:iam::${one.accountId}:user/deploy`,
        DefaultVersionNumber: 1,
        LatestVersionNumber: Number(one.attributes.version),
        ...(one.mark === undefined ? {} : { Operator: { Managed: true, Principal: "eks.amazonaws.com" } })
      })
    })
  }
})
