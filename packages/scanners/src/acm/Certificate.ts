import {
  ACMClient,
  CertificateKeyPairOrigin,
  KeyAlgorithm,
  ListCertificatesCommand,
  ListTagsForCertificateCommand
} from "@aws-sdk/client-acm"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const certificate = Scanner.make("acm:certificate", {
  cloudFormation: "AWS::CertificateManager::Certificate", actions: ["acm:ListCertificates"],
  list: Aws.list(ACMClient, ListCertificatesCommand, {
    MaxItems: 1000,
    // Unless they are asked for, only RSA keys of up to 2,048 bits are listed, and none that came over ACME.
    Includes: { keyTypes: Object.values(KeyAlgorithm) },
    CertificateKeyPairOrigins: Object.values(CertificateKeyPairOrigin)
  }, (page) => page.CertificateSummaryList),
  describe: ({ CertificateArn, CreatedAt, DomainName, ImportedAt, InUse, ManagedBy, NotAfter, Status, Type }) => ({
    arn: CertificateArn, name: DomainName, createdAt: CreatedAt ?? ImportedAt, state: Status,
    attributes: { kind: Type, inUse: InUse, expiresAt: NotAfter },
    mark: ManagedBy === undefined ? undefined : "aws-created"
  }),
  tags: Scanner.tags("acm:ListTagsForCertificate", ({ arn }) =>
    Aws.send(ACMClient, new ListTagsForCertificateCommand({ CertificateArn: arn })), ({ Tags }) => Tags)
})
