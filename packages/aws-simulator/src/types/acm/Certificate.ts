/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Acm } from "../../services/Acm.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const Certificate = declare("acm:certificate", Acm, {
  share: 1.5,
  arns: ["acm", "certificate/"],
  identify: (spot) => {
    const name = `${spot.named("www", "api")}.example.com`
    return { id: spot.uuid, name, arn: spot.arn("acm", `certificate/${spot.uuid}`) }
  },
  mark: ({ hash }) => hash % 15 === 0 ? "aws-created" : undefined,
  state: "ISSUED",
  attributes: (spot) => ({ key: spot.pick(50, ["RSA_2048", "RSA_2048", "EC_prime256v1", "RSA_4096"]) }),
  operations: {
    ListCertificates: list({
      items: "CertificateSummaryList",
      page: { size: "MaxItems", max: 1000 },
      // Other keys than RSA's smaller ones are listed only when asked for.
      where: ({ CertificateStatuses: statuses, Includes: includes }) => {
        const { keyTypes = ["RSA_1024", "RSA_2048"] } = (includes ?? {}) as {
          readonly keyTypes?: ReadonlyArray<string>
        }
        return (one) =>
          keyTypes.includes(one.attributes.key ?? "") && (!Array.isArray(statuses) || statuses.includes(one.state))
      },
      item: (one) => ({
        CertificateArn: one.arn,
        DomainName: one.name,
        Status: one.state,
        Type: "AMAZON_ISSUED",
        KeyAlgorithm: one.attributes.key,
        ...(one.mark === undefined ? {} : { ManagedBy: "CLOUDFRONT" }),
        CreatedAt: one.createdAt
      })
    }),
    ListTagsForCertificate: tags({ id: "CertificateArn", tags: "Tags" })
  }
})
