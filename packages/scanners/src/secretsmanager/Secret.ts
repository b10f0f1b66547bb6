import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const secret = Scanner.make("secretsmanager:secret", {
  cloudFormation: "AWS::SecretsManager::Secret", actions: ["secretsmanager:ListSecrets"],
  list: Aws.list(SecretsManagerClient, ListSecretsCommand, { MaxResults: 100 }, ({ SecretList }) => SecretList),
  describe: ({ ARN, CreatedDate, LastAccessedDate, Name, OwningService, PrimaryRegion, RotationEnabled, Tags }) => ({
    arn: ARN, name: Name, tags: Tags, createdAt: CreatedDate,
    attributes: { rotated: RotationEnabled, lastAccessed: LastAccessedDate, primaryRegion: PrimaryRegion },
    mark: OwningService === undefined ? undefined : "aws-created"
  })
})
