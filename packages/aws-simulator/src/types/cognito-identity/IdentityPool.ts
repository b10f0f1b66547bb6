/** @since 0.1.0 */
import { get, list } from "../../Listing.ts"
import { CognitoIdentity } from "../../services/CognitoIdentity.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const IdentityPool = declare("cognito-identity:identitypool", CognitoIdentity, {
  share: 0.3,
  arns: ["cognito-identity", "identitypool/"],
  identify: (spot) => {
    const id = `${spot.region}:${spot.uuid}`
    return { id, name: spot.named("web", "mobile"), arn: spot.arn("cognito-identity", `identitypool/${id}`) }
  },
  operations: {
    ListIdentityPools: list({
      items: "IdentityPools",
      page: { size: "MaxResults", max: 60, demanded: true },
      item: (one) => ({ IdentityPoolId: one.id, IdentityPoolName: one.name })
    }),
    DescribeIdentityPool: get({
      id: "IdentityPoolId",
      in: "",
      tags: "IdentityPoolTags",
      item: (one) => ({ IdentityPoolId: one.id, IdentityPoolName: one.name, AllowUnauthenticatedIdentities: false })
    }),
    ListTagsForResource: tags({ id: "ResourceArn", tags: "Tags" })
  }
})
