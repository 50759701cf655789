import { createHash } from 'node:crypto';
import { isObject, type JsonObject } from '../stepfunctions/json.ts';
import type { Configuration } from './configuration.ts';
import { refusal } from './errors.ts';
import { createReferences, type Referable, type References } from './references.ts';

/** A resource of the template, by its logical id. */
export type Resource = { id: string; type: string; properties: JsonObject; place: string };

/** What has no effect here: rights, logs and alarms are AWS's, and the cluster is there. */
const WITHOUT_EFFECT = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::EKS::AccessEntry',
  'AWS::EKS::PodIdentityAssociation',
  'AWS::IAM::Role',
  'AWS::Logs::LogGroup',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Topic',
]);

const DEPLOYED = new Set([
  'AWS::EC2::SecurityGroup',
  'AWS::Events::Rule',
  'AWS::S3::Bucket',
  'AWS::Scheduler::Schedule',
  'AWS::StepFunctions::StateMachine',
]);

/** Every resource of every file, each once, each of a kind that is known. */
export function listResources(configuration: Configuration): Resource[] {
  const all = new Map<string, Resource>();
  for (const [index, { Resources }] of configuration.resources.entries()) {
    for (const [id, { Type, Properties }] of Object.entries(Resources)) {
      const place = `${configuration.files[index]}: Resources.${id}`;
      if (all.has(id)) throw refusal(place, `${all.get(id)?.place} has this name, too.`);
      if (!DEPLOYED.has(Type) && !WITHOUT_EFFECT.has(Type)) {
        throw refusal(place, `the local deployment does not know ${Type}.`);
      }
      if (!isObject(Properties)) throw refusal(place, 'has no Properties.');
      all.set(id, { id, type: Type, properties: Properties, place });
    }
  }
  return [...all.values()];
}

/** Names and ARNs of everything that can be referred to. The names themselves refer to pseudo parameters at most. */
export function referencesTo(options: {
  resources: Resource[];
  functions: { key: string; name: string; arn: string }[];
  service: string;
  stage: string;
  region: string;
  account: string;
}): References {
  const { region, account } = options;
  const pseudo = {
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': `${options.service}-${options.stage}`,
  };
  const names = createReferences(new Map(), pseudo);
  const nameOf = ({ properties, place }: Resource, property: string): string => {
    const name = names.resolve(properties[property] ?? null, `${place}.${property}`);
    if (typeof name !== 'string') throw refusal(place, `has no ${property}, which the local deployment needs.`);
    return name;
  };
  const referables = new Map<string, Referable>();
  for (const resource of options.resources) {
    const referable = referableOf(resource, nameOf, { region, account, stack: pseudo['AWS::StackName'] });
    if (referable) referables.set(resource.id, referable);
  }
  for (const { key, name, arn } of options.functions) {
    const logical = key.replaceAll('-', 'Dash').replaceAll('_', 'Underscore');
    const id = `${logical.charAt(0).toUpperCase()}${logical.slice(1)}LambdaFunction`;
    referables.set(id, { ref: name, attributes: { Arn: arn } });
  }
  return createReferences(referables, pseudo);
}

function referableOf(
  resource: Resource,
  nameOf: (resource: Resource, property: string) => string,
  { region, account, stack }: { region: string; account: string; stack: string },
): Referable | null {
  switch (resource.type) {
    case 'AWS::StepFunctions::StateMachine': {
      const name = nameOf(resource, 'StateMachineName');
      const arn = `arn:aws:states:${region}:${account}:stateMachine:${name}`;
      return { ref: arn, attributes: { Arn: arn, Name: name } };
    }
    case 'AWS::S3::Bucket': {
      const name = nameOf(resource, 'BucketName');
      return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } };
    }
    case 'AWS::EC2::SecurityGroup': {
      // The same at every start, because instances keep it.
      const hash = createHash('sha256').update(`${stack}/${resource.id}`).digest('hex');
      const id = `sg-${hash.slice(0, 17)}`;
      return { ref: id, attributes: { GroupId: id, Id: id } };
    }
    case 'AWS::IAM::Role':
      return { ref: resource.id, attributes: { Arn: `arn:aws:iam::${account}:role/${resource.id}` } };
    default:
      return null;
  }
}
