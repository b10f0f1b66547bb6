/** A FOCUS bill of many lines, written by DuckDB itself. */
import { DuckDBInstance } from "@duckdb/node-api"

export const period = { start: "2026-10-01", end: "2026-10-31" } as const
export const regions = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2"] as const

/** What is true of a bill: its sums, told by the one who wrote it. */
export interface BillTruth {
  readonly total: number
  readonly gap: number
}

/**
 * Writes one, Parquet or CSV by its name: each resource has as many lines as the others, one in a hundred lines is of none.
 */
export const write = async (path: string, lines: number, resources: number): Promise<BillTruth> => {
  const instance = await DuckDBInstance.create(":memory:", { memory_limit: "2GiB" })
  const connection = await instance.connect()
  const region = `CASE n % ${resources} % 5 ${regions.map((name, at) => `WHEN ${at} THEN '${name}'`).join(" ")} END`
  await connection.run(`CREATE VIEW bill AS SELECT
      'example' AS AvailabilityZone, CAST((n % 1000 + 1) * 0.0001 AS DECIMAL(18, 8)) AS BilledCost, '111122223333' AS BillingAccountId,
      'An account' AS BillingAccountName, 'USD' AS BillingCurrency, TIMESTAMP '2026-11-01' AS BillingPeriodEnd,
      TIMESTAMP '2026-10-01' AS BillingPeriodStart, 'Usage' AS ChargeCategory, NULL AS ChargeClass,
      '$0.0960 per On Demand Linux Instance Hour of size ' || (n % 40) AS ChargeDescription, 'Usage-Based' AS ChargeFrequency,
      TIMESTAMP '2026-10-01' + to_hours(CAST(n * 7919 % 720 + 1 AS INTEGER)) AS ChargePeriodEnd,
      TIMESTAMP '2026-10-01' + to_hours(CAST(n * 7919 % 720 AS INTEGER)) AS ChargePeriodStart,
      NULL AS CommitmentDiscountId, NULL AS CommitmentDiscountStatus, 1.0 AS ConsumedQuantity, 'Hours' AS ConsumedUnit,
      CAST((n % 1000 + 1) * 0.0001 AS DECIMAL(18, 8)) AS EffectiveCost, 'AWS' AS InvoiceIssuerName,
      CAST((n % 1000 + 1) * 0.00012 AS DECIMAL(18, 8)) AS ListCost, 0.096 AS ListUnitPrice, 'Standard' AS PricingCategory,
      'Amazon Web Services' AS ProviderName, 'Amazon Web Services' AS PublisherName, ${region} AS RegionId,
      CASE WHEN n % 100 = 99 THEN NULL ELSE 'i-' || lpad(CAST(n % ${resources} AS VARCHAR), 17, '0') END AS ResourceId,
      NULL AS ResourceName, 'Compute' AS ServiceCategory, 'Amazon Elastic Compute Cloud' AS ServiceName,
      'SKU' || (n % 300) AS SkuId, '111122223333' AS SubAccountId, 'An account' AS SubAccountName,
      CASE WHEN n % ${resources} % 10 < 7 THEN '{}' ELSE '{"user:Owner": "team-' || (n % ${resources} % 50) || '"}' END AS Tags,
      'BoxUsage:m7i.xlarge' AS x_UsageType
    FROM range(${lines}) AS t(n)`)
  await connection.run(`COPY bill TO '${path}' ${path.endsWith(".parquet") ? "(FORMAT parquet)" : "(FORMAT csv, HEADER)"}`)
  connection.closeSync()
  instance.closeSync()
  // Counted by hand, in ten-thousandths of a dollar.
  let total = 0
  let gap = 0
  for (let n = 0; n < lines; n++) {
    const cost = n % 1000 + 1
    total += cost
    if (n % 100 !== 99 && n % resources % 10 < 7) gap += cost
  }
  return { total: total / 10_000, gap: gap / 10_000 }
}
