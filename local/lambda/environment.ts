import type { LambdaFunction } from './function.ts';

/**
 * The whole environment of a function, as the runtime sets it
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html): nothing of ours leaks in, so that a handler
 * cannot come to rely on it.
 *
 * @param cloud what makes it this cloud: region, endpoint, credentials
 */
export function environmentOf(fn: LambdaFunction, cloud: Record<string, string>): Record<string, string> {
  return {
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: `${fn.memoryMiB}`,
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    // The SDK reads profiles below HOME: those of whoever started the cloud are none of a function's business.
    HOME: '/nonexistent',
    AWS_EC2_METADATA_DISABLED: 'true',
    // The log of calls tells by it who called.
    AWS_SDK_UA_APP_ID: fn.name,
    ...cloud,
    ...fn.environment,
  };
}
