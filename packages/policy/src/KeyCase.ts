/**
 * Which services take `owner` and `Owner` for one tag.
 *
 * @since 0.1.0
 */

const caseInsensitiveServices: ReadonlySet<string> = new Set(["iam"])

/**
 * Whether a service compares tag keys without regard to case, whatever a policy says. Most do not.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
 * @category predicates
 * @since 0.1.0
 */
export const isIgnoredBy = (service: string): boolean => caseInsensitiveServices.has(service)
