/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { CloudFormation } from "../../services/CloudFormation.ts"
import { declare } from "../../TypeDeclaration.ts"

export const Stack = declare("cloudformation:stack", CloudFormation, {
  share: 6,
  arns: ["cloudformation", "stack/"],
  identify: (spot) => {
    const name = spot.named("service", "network")
    const arn = spot.arn("cloudformation", `stack/${name}/${spot.uuid}`)
    return { id: arn, name, arn }
  },
  state: (spot) => spot.pick(50, ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"]),
  operations: {
    DescribeStacks: list({
      items: "Stacks",
      tags: "Tags",
      ids: "StackName",
      page: { max: 100 },
      item: (one) => ({
        StackId: one.arn,
        StackName: one.name,
        StackStatus: one.state,
        CreationTime: one.createdAt,
        DisableRollback: false
      })
    }),
    ListStacks: list({
      items: "StackSummaries",
      page: { max: 100 },
      where: ({ StackStatusFilter: states }) =>
        Array.isArray(states) && states.length > 0 ? ({ state }) => states.includes(state) : undefined,
      item: (one) => ({
        StackId: one.arn,
        StackName: one.name,
        StackStatus: one.state,
        CreationTime: one.createdAt
      })
    })
  }
})
