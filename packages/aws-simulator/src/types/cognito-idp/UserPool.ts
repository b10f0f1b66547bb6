/** @since 0.1.0 */
import { get, list } from "../../Listing.ts"
import { CognitoUserPools } from "../../services/CognitoUserPools.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const UserPool = declare("cognito-idp:userpool", CognitoUserPools, {
  share: 0.5,
  arns: ["cognito-idp", "userpool/"],
  identify: (spot) => {
    const id = `${spot.region}_${spot.hex(50).slice(0, 2)}${spot.code}`
    return { id, name: spot.named("customers", "staff"), arn: spot.arn("cognito-idp", `userpool/${id}`) }
  },
  operations: {
    ListUserPools: list({
      items: "UserPools",
      page: { size: "MaxResults", max: 60, demanded: true },
      item: (one) => ({ Id: one.id, Name: one.name, CreationDate: one.createdAt })
    }),
    DescribeUserPool: get({
      id: "UserPoolId",
      in: "UserPool",
      tags: "UserPoolTags",
      item: (one) => ({ Id: one.id, Name: one.name, Arn: one.arn, CreationDate: one.createdAt })
    }),
    ListTagsForResource: tags({ id: "ResourceArn", tags: "Tags" })
  }
})
