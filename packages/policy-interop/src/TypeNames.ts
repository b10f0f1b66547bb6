/**
 * What other tools call the types of the vocabulary.
 */

interface Names {
  readonly cloudFormation: string
  /** Without `aws.`; absent where Custodian has no such resource. */
  readonly custodian?: string
  readonly terraform: ReadonlyArray<string>
}

const rows = `
acm:certificate                            AWS::CertificateManager::Certificate           acm-certificate         aws_acm_certificate
apigateway:restapi                         AWS::ApiGateway::RestApi                       rest-api                aws_api_gateway_rest_api
apigatewayv2:api                           AWS::ApiGatewayV2::Api                         apigwv2                 aws_apigatewayv2_api
athena:workgroup                           AWS::Athena::WorkGroup                         athena-work-group       aws_athena_workgroup
autoscaling:group                          AWS::AutoScaling::AutoScalingGroup             asg                     -
autoscaling:launch-configuration           AWS::AutoScaling::LaunchConfiguration          -                       -
backup:vault                               AWS::Backup::BackupVault                       backup-vault            aws_backup_vault
batch:job-queue                            AWS::Batch::JobQueue                           batch-queue             aws_batch_job_queue
bedrock:agent                              AWS::Bedrock::Agent                            bedrock-agent           aws_bedrockagent_agent
bedrock:knowledge-base                     AWS::Bedrock::KnowledgeBase                    bedrock-knowledge-base  aws_bedrockagent_knowledge_base
cloudformation:stack                       AWS::CloudFormation::Stack                     cfn                     aws_cloudformation_stack
cloudfront:distribution                    AWS::CloudFront::Distribution                  distribution            aws_cloudfront_distribution
cloudtrail:trail                           AWS::CloudTrail::Trail                         cloudtrail              aws_cloudtrail
cloudwatch:alarm                           AWS::CloudWatch::Alarm                         alarm                   aws_cloudwatch_metric_alarm aws_cloudwatch_composite_alarm
codebuild:project                          AWS::CodeBuild::Project                        codebuild               aws_codebuild_project
codepipeline:pipeline                      AWS::CodePipeline::Pipeline                    codepipeline            aws_codepipeline
cognito-identity:identitypool              AWS::Cognito::IdentityPool                     identity-pool           aws_cognito_identity_pool
cognito-idp:userpool                       AWS::Cognito::UserPool                         user-pool               aws_cognito_user_pool
dynamodb:table                             AWS::DynamoDB::Table                           dynamodb-table          aws_dynamodb_table
ec2:dhcp-options                           AWS::EC2::DHCPOptions                          -                       aws_vpc_dhcp_options
ec2:elastic-ip                             AWS::EC2::EIP                                  network-addr            aws_eip
ec2:image                                  AWS::EC2::Image                                ami                     aws_ami aws_ami_copy aws_ami_from_instance
ec2:instance                               AWS::EC2::Instance                             ec2                     aws_instance aws_spot_instance_request
ec2:internet-gateway                       AWS::EC2::InternetGateway                      internet-gateway        aws_internet_gateway
ec2:key-pair                               AWS::EC2::KeyPair                              key-pair                aws_key_pair
ec2:launch-template                        AWS::EC2::LaunchTemplate                       launch-template-version aws_launch_template
ec2:natgateway                             AWS::EC2::NatGateway                           nat-gateway             aws_nat_gateway
ec2:network-acl                            AWS::EC2::NetworkAcl                           network-acl             aws_network_acl aws_default_network_acl
ec2:network-interface                      AWS::EC2::NetworkInterface                     eni                     aws_network_interface
ec2:route-table                            AWS::EC2::RouteTable                           route-table             aws_route_table aws_default_route_table
ec2:security-group                         AWS::EC2::SecurityGroup                        security-group          aws_security_group aws_default_security_group
ec2:snapshot                               AWS::EC2::Snapshot                             ebs-snapshot            aws_ebs_snapshot aws_ebs_snapshot_copy
ec2:subnet                                 AWS::EC2::Subnet                               subnet                  aws_subnet aws_default_subnet
ec2:transit-gateway                        AWS::EC2::TransitGateway                       transit-gateway         aws_ec2_transit_gateway
ec2:volume                                 AWS::EC2::Volume                               ebs                     aws_ebs_volume
ec2:vpc                                    AWS::EC2::VPC                                  vpc                     aws_vpc aws_default_vpc
ec2:vpc-endpoint                           AWS::EC2::VPCEndpoint                          vpc-endpoint            aws_vpc_endpoint
ec2:vpc-peering-connection                 AWS::EC2::VPCPeeringConnection                 peering-connection      aws_vpc_peering_connection
ec2:vpn-connection                         AWS::EC2::VPNConnection                        -                       aws_vpn_connection
ecr:repository                             AWS::ECR::Repository                           ecr                     aws_ecr_repository
ecs:capacity-provider                      AWS::ECS::CapacityProvider                     -                       aws_ecs_capacity_provider
ecs:cluster                                AWS::ECS::Cluster                              ecs                     aws_ecs_cluster
ecs:service                                AWS::ECS::Service                              ecs-service             aws_ecs_service
ecs:task-definition                        AWS::ECS::TaskDefinition                       ecs-task-definition     aws_ecs_task_definition
efs:file-system                            AWS::EFS::FileSystem                           efs                     aws_efs_file_system
eks:cluster                                AWS::EKS::Cluster                              eks                     aws_eks_cluster
eks:nodegroup                              AWS::EKS::Nodegroup                            eks-nodegroup           aws_eks_node_group
elasticache:cluster                        AWS::ElastiCache::CacheCluster                 cache-cluster           aws_elasticache_cluster
elasticache:replicationgroup               AWS::ElastiCache::ReplicationGroup             elasticache-group       aws_elasticache_replication_group
elasticloadbalancing:classic-loadbalancer  AWS::ElasticLoadBalancing::LoadBalancer        elb                     aws_elb
elasticloadbalancing:listener              AWS::ElasticLoadBalancingV2::Listener          -                       aws_lb_listener aws_alb_listener
elasticloadbalancing:listener-rule         AWS::ElasticLoadBalancingV2::ListenerRule      -                       aws_lb_listener_rule aws_alb_listener_rule
elasticloadbalancing:loadbalancer          AWS::ElasticLoadBalancingV2::LoadBalancer      app-elb                 aws_lb aws_alb
elasticloadbalancing:targetgroup           AWS::ElasticLoadBalancingV2::TargetGroup       app-elb-target-group    aws_lb_target_group aws_alb_target_group
emr:cluster                                AWS::EMR::Cluster                              emr                     aws_emr_cluster
events:event-bus                           AWS::Events::EventBus                          event-bus               aws_cloudwatch_event_bus
events:rule                                AWS::Events::Rule                              event-rule              aws_cloudwatch_event_rule
firehose:delivery-stream                   AWS::KinesisFirehose::DeliveryStream           firehose                aws_kinesis_firehose_delivery_stream
fsx:file-system                            AWS::FSx::FileSystem                           fsx                     aws_fsx_lustre_file_system aws_fsx_ontap_file_system aws_fsx_openzfs_file_system aws_fsx_windows_file_system
glue:crawler                               AWS::Glue::Crawler                             glue-crawler            aws_glue_crawler
glue:database                              AWS::Glue::Database                            glue-database           aws_glue_catalog_database
glue:job                                   AWS::Glue::Job                                 glue-job                aws_glue_job
glue:table                                 AWS::Glue::Table                               glue-table              -
iam:policy                                 AWS::IAM::ManagedPolicy                        iam-policy              aws_iam_policy
iam:role                                   AWS::IAM::Role                                 iam-role                aws_iam_role
iam:user                                   AWS::IAM::User                                 iam-user                aws_iam_user
kafka:cluster                              AWS::MSK::Cluster                              kafka                   aws_msk_cluster aws_msk_serverless_cluster
kinesis:stream                             AWS::Kinesis::Stream                           kinesis                 aws_kinesis_stream
kms:key                                    AWS::KMS::Key                                  kms-key                 aws_kms_key aws_kms_external_key aws_kms_replica_key
lambda:function                            AWS::Lambda::Function                          lambda                  aws_lambda_function
logs:log-group                             AWS::Logs::LogGroup                            log-group               aws_cloudwatch_log_group
mq:broker                                  AWS::AmazonMQ::Broker                          message-broker          aws_mq_broker
opensearch:domain                          AWS::OpenSearchService::Domain                 elasticsearch           aws_opensearch_domain aws_elasticsearch_domain
rds:cluster                                AWS::RDS::DBCluster                            rds-cluster             aws_rds_cluster aws_docdb_cluster aws_neptune_cluster
rds:cluster-snapshot                       AWS::RDS::DBClusterSnapshot                    rds-cluster-snapshot    aws_db_cluster_snapshot aws_neptune_cluster_snapshot
rds:db                                     AWS::RDS::DBInstance                           rds                     aws_db_instance aws_rds_cluster_instance aws_docdb_cluster_instance aws_neptune_cluster_instance
rds:snapshot                               AWS::RDS::DBSnapshot                           rds-snapshot            aws_db_snapshot aws_db_snapshot_copy
redshift:cluster                           AWS::Redshift::Cluster                         redshift                aws_redshift_cluster
route53:hosted-zone                        AWS::Route53::HostedZone                       hostedzone              aws_route53_zone
s3:bucket                                  AWS::S3::Bucket                                s3                      aws_s3_bucket
sagemaker:endpoint                         AWS::SageMaker::Endpoint                       sagemaker-endpoint      aws_sagemaker_endpoint
sagemaker:notebook-instance                AWS::SageMaker::NotebookInstance               sagemaker-notebook      aws_sagemaker_notebook_instance
secretsmanager:secret                      AWS::SecretsManager::Secret                    secrets-manager         aws_secretsmanager_secret
sns:topic                                  AWS::SNS::Topic                                sns                     aws_sns_topic
sqs:queue                                  AWS::SQS::Queue                                sqs                     aws_sqs_queue
ssm:parameter                              AWS::SSM::Parameter                            ssm-parameter           aws_ssm_parameter
states:state-machine                       AWS::StepFunctions::StateMachine               step-machine            aws_sfn_state_machine
wafv2:web-acl                              AWS::WAFv2::WebACL                             wafv2                   aws_wafv2_web_acl
`

/** Names by type. */
export const namesByType: ReadonlyMap<string, Names> = new Map(
  rows.trim().split("\n").map((row): [string, Names] => {
    const [type = "", cloudFormation = "", custodian = "-", ...terraform] = row.split(/ +/u)
    return [type, {
      cloudFormation,
      ...(custodian === "-" ? {} : { custodian }),
      terraform: terraform.filter((name) => name !== "-")
    }]
  })
)

const invert = (namesOf: (names: Names) => ReadonlyArray<string>): ReadonlyMap<string, string> =>
  new Map([...namesByType].flatMap(([type, names]) => namesOf(names).map((name): [string, string] => [name, type])))

/** The type that CloudFormation calls so. */
export const typeByCloudFormation = invert(({ cloudFormation }) => [cloudFormation])

/** The type that Custodian calls so, without `aws.`. */
export const typeByCustodian = invert(({ custodian }) => custodian === undefined ? [] : [custodian])

/** The type that Terraform calls so. */
export const typeByTerraform = invert(({ terraform }) => terraform)
