/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { StepFunctions } from "../../services/StepFunctions.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const StateMachine = declare("states:state-machine", StepFunctions, {
  share: 1.5,
  arns: ["states", "stateMachine:"],
  identify: (spot) => spot.plain("states", "stateMachine:", "import", "fulfil"),
  state: "ACTIVE",
  operations: {
    ListStateMachines: list({
      items: "stateMachines",
      page: { size: "maxResults", min: 0, zero: true, max: 1000, byDefault: 100, token: "nextToken" },
      item: (one) => ({ stateMachineArn: one.arn, name: one.name, type: "STANDARD", creationDate: one.createdAt })
    }),
    ListTagsForResource: tags({ id: "resourceArn", tags: "tags" })
  }
})
