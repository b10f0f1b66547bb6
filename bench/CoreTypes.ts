/** The 16 types that the simulator spreads its resources over, and how their lists are paged. */

/** Calls that one cell makes one after the other: its pages, and what follows the last page (its tags). */
export const pageSizes: Readonly<Record<string, readonly [page: number, after: number]>> = {
  "autoscaling:group": [100, 0],
  "dynamodb:table": [100, 1],
  "ec2:elastic-ip": [Number.POSITIVE_INFINITY, 0],
  "ec2:instance": [1000, 0],
  "ec2:natgateway": [1000, 0],
  "ec2:security-group": [1000, 0],
  "ec2:snapshot": [1000, 0],
  "ec2:volume": [1000, 0],
  "ecs:cluster": [100, 1],
  "iam:role": [1000, 0],
  "lambda:function": [50, 1],
  "rds:db": [100, 0],
  "route53:hosted-zone": [100, 1],
  "s3:bucket": [10_000, 1],
  "sns:topic": [100, 1],
  "sqs:queue": [1000, 1]
}

export const coreTypes: ReadonlyArray<string> = Object.keys(pageSizes)
