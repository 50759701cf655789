import { expect, test } from '@jest/globals';
import { DIGEST, REPOSITORY, readBuildspec, runPipeline } from './buildspec.ts';

test('the pipeline tests, tries the migrations, builds, pushes, waits for the scan and migrates with the image by its digest', async () => {
  const { calls, code } = await runPipeline();
  expect(code).toBe(0);
  const image = ['--repository-name team/runner', `--image-id imageDigest=${DIGEST}`].join(' ');
  expect(calls).toEqual([
    'npm ci',
    'npm test',
    'npx carthub-db check --require-undo',
    `docker build --build-arg REGISTRY=public.ecr.aws/docker/library --build-arg REVISION=c0ffee --tag ${REPOSITORY}:c0ffee-7 .`,
    expect.stringMatching(/^(aws ecr get-login-password|docker login)/),
    expect.stringMatching(/^(aws ecr get-login-password|docker login)/),
    'password secret',
    `docker push ${REPOSITORY}:c0ffee-7`,
    `docker image inspect --format {{index .RepoDigests 0}} ${REPOSITORY}:c0ffee-7`,
    `aws ecr wait image-scan-complete ${image}`,
    expect.stringContaining(`aws ecr describe-image-scan-findings ${image}`),
    `npx carthub-db migrate --database carthub --image ${REPOSITORY}@${DIGEST}`,
  ]);
});

test('logs in to the registry alone, and hands the password over a pipe', async () => {
  const { calls } = await runPipeline();
  expect(calls).toContain('docker login --username AWS --password-stdin 123456789012.dkr.ecr.eu-west-1.amazonaws.com');
});

test.each([
  { what: 'a test fails', fail: 'npm test', never: 'docker build' },
  { what: 'a migration does not pass its trial', fail: 'carthub-db check', never: 'docker build' },
  { what: 'the image cannot be built', fail: 'docker build', never: 'docker push' },
  { what: 'the registry gives no password', fail: 'aws ecr get-login-password', never: 'docker push' },
  { what: 'the push fails', fail: 'docker push', never: 'npx carthub-db migrate' },
  { what: 'the digest is not known', fail: 'docker image inspect', never: 'npx carthub-db migrate' },
  { what: 'the scan does not end', fail: 'aws ecr wait', never: 'npx carthub-db migrate' },
  { what: 'the scan cannot be read', fail: 'describe-image-scan-findings', never: 'npx carthub-db migrate' },
])('ends as failed and goes no further when $what', async ({ fail, never }) => {
  const { calls, code } = await runPipeline({ fail });
  expect(code).not.toBe(0);
  expect(calls.filter((call) => call.startsWith(never))).toEqual([]);
});

test('does not migrate with an image in which the scan found something critical', async () => {
  const { calls, code } = await runPipeline({ findings: '2' });
  expect(code).not.toBe(0);
  expect(calls.join('\n')).not.toContain('carthub-db migrate');
});

test.each([1, 2, 3, 4, 5, 6, 7])('fails when the migration ends with exit code %i', async (outcome) => {
  const { calls, code } = await runPipeline({ fail: 'carthub-db migrate', code: outcome });
  expect(calls.at(-1)).toContain('carthub-db migrate');
  expect(code).not.toBe(0);
});

test('the migration is the last word, and nothing runs after a phase that failed', async () => {
  const { phases } = await readBuildspec();
  expect(Object.keys(phases)).toEqual(['install', 'build']);
  expect(phases.build?.commands.at(-1)).toMatch(/^npx carthub-db migrate /);
});

test('copies no credential, applies no manifest, and pushes and uses no tag that moves', async () => {
  const { phases } = await readBuildspec();
  const commands = Object.values(phases).flatMap((phase) => phase.commands);
  expect(commands.join('\n')).not.toMatch(
    /kubectl|secretsmanager|get-secret-value|DB_PASSWORD|sed -i|curl|:latest|\|\| true/,
  );
});
