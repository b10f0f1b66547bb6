/**
 * Resource types as tag policies write them.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_supported-resources-enforcement.html
 */
import { Vocabulary } from "@cadastre/policy"

/** Where AWS's name is another than the vocabulary's. All of them but `apigateway:apis` are aliases there. */
const names: Readonly<Record<string, string>> = {
  "apigateway:restapi": "apigateway:restapis",
  "apigatewayv2:api": "apigateway:apis",
  "backup:vault": "backup:backup-vault",
  "efs:file-system": "elasticfilesystem:file-system",
  "emr:cluster": "elasticmapreduce:cluster",
  "firehose:delivery-stream": "firehose:deliverystream",
  "opensearch:domain": "es:domain",
  "route53:hosted-zone": "route53:hostedzone",
  "states:state-machine": "states:stateMachine"
}

const services: Readonly<Record<string, string>> = {
  efs: "elasticfilesystem",
  emr: "elasticmapreduce",
  opensearch: "es"
}

/** AWS has the HTTP APIs among those of `apigateway`, so that this service has no name of its own. */
const withoutService = "apigatewayv2"

/** `service:ALL_SUPPORTED` of every service that has a name: how "all types" is written. */
export const everyService: ReadonlyArray<string> = Vocabulary.services
  .filter((service) => service !== withoutService)
  .map((service) => `${serviceName(service)}:ALL_SUPPORTED`)

function serviceName(service: string): string {
  return Object.hasOwn(services, service) ? services[service]! : service
}

/** How AWS writes a type, or all of a service. */
export const toAws = (type: string): string => {
  if (Object.hasOwn(names, type)) return names[type]!
  if (!type.endsWith(":*")) return type
  const service = type.slice(0, -2)
  return service === withoutService ? names["apigatewayv2:api"]! : `${serviceName(service)}:ALL_SUPPORTED`
}

/** A type, or all of a service, as the vocabulary writes it. */
export const fromAws = (name: string): string => {
  if (name === names["apigatewayv2:api"]) return "apigatewayv2:api"
  return Vocabulary.normalise(name.replace(/:ALL_SUPPORTED$/u, ":*"))
}
