/**
 * AWS calls that cost money, as data.
 *
 * @since 0.1.0
 */

/**
 * List prices in US dollars a call, in us-east-1, free tiers not taken off. For
 * what is not here AWS publishes no price: management calls are free, among
 * them the tagging API, CloudTrail's `LookupEvents`, Resource Explorer and AWS
 * Config's queries.
 *
 * `"*"` is every operation of the service. Services by their SigV4 signing name.
 *
 * Sources, read in November 2026: AWS Cost Management pricing ($0.01 a request,
 * each page one); Amazon S3 pricing ($0.005 per 1,000 LIST requests, $0.0004
 * per 1,000 GET and all other requests); AWS KMS ($0.03 per 10,000 requests);
 * Secrets Manager ($0.05 per 10,000 calls); SQS ($0.40 per million requests);
 * SNS ($0.50 per million requests); CloudWatch ($0.01 per 1,000 requests).
 */
const prices: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ce: { "*": 0.01 },
  kms: { "*": 0.03 / 10_000 },
  monitoring: { "*": 0.01 / 1000 },
  s3: { ListBuckets: 0.005 / 1000, "*": 0.0004 / 1000 },
  secretsmanager: { "*": 0.05 / 10_000 },
  sns: { "*": 0.5 / 1_000_000 },
  sqs: { "*": 0.4 / 1_000_000 }
}

/**
 * What one call costs, in US dollars: AWS's list price, 0 where the call is
 * free. A page of a list is a call.
 *
 * @since 0.1.0
 */
export const priceOf = (service: string, operation: string): number => {
  const known = Object.hasOwn(prices, service) ? prices[service] : undefined
  if (known === undefined) return 0
  return (Object.hasOwn(known, operation) ? known[operation] : known["*"]) ?? 0
}
