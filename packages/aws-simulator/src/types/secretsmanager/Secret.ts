/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { SecretsManager } from "../../services/SecretsManager.ts"
import { declare } from "../../TypeDeclaration.ts"

export const Secret = declare("secretsmanager:secret", SecretsManager, {
  share: 3,
  arns: ["secretsmanager", "secret:"],
  mark: ({ hash }) => hash % 15 === 0 ? "aws-created" : undefined,
  identify: (spot) => {
    const name = spot.named("database", "token")
    return { id: name, name, arn: spot.arn("secretsmanager", `secret:${name}-${spot.hex(50).slice(0, 6)}`) }
  },
  operations: {
    ListSecrets: list({
      items: "SecretList",
      tags: "Tags",
      page: { size: "MaxResults", max: 100 },
      item: (one) => ({
        ARN: one.arn,
        Name: one.name,
        CreatedDate: one.createdAt,
        ...(one.mark === undefined ? {} : { OwningService: "rds" })
      })
    })
  }
})
