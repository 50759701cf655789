import { execFileSync } from 'node:child_process';
import { readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { SERVICE, withService } from './with-service.ts';

const repository = resolve(import.meta.dirname, '../..');

test('a bundle is byte for byte what serverless-esbuild puts into the package that is deployed', async () => {
  const yml = (SERVICE['serverless.yml'] ?? '').replace(
    'custom:',
    'package: { individually: true }\nplugins: [serverless-esbuild]\ncustom:',
  );
  const bye = `import { S3Client } from '@aws-sdk/client-s3';\nexport const handler = async () => new S3Client({}).config.region();\n`;
  await withService(
    { 'serverless.yml': yml, 'functions/bye.ts': bye, 'package.json': '{"name":"probe","version":"1.0.0"}' },
    async ({ root, deploy }) => {
      await symlink(join(repository, 'node_modules'), join(root, 'node_modules'));
      const serverless = join(repository, 'node_modules/serverless/bin/serverless.js');
      execFileSync(process.execPath, [serverless, 'package', '--package', join(root, 'package')], {
        cwd: root,
        env: { PATH: `${join(repository, 'node_modules/.bin')}:/usr/bin:/bin`, HOME: root },
        stdio: 'pipe',
      });
      const { functions } = await deploy();
      for (const [index, name] of ['Hello', 'bye-bye'].entries()) {
        const packaged = onlyFileOf(await readFile(join(root, 'package', `${name}.zip`)));
        expect((await readFile(functions[index]?.bundle ?? '')).equals(packaged)).toBe(true);
      }
    },
  );
});

/** The content of a zip archive's one file (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.12). */
function onlyFileOf(zip: Buffer): Buffer {
  const directory = zip.lastIndexOf(Buffer.from('PK\x01\x02'));
  const size = zip.readUInt32LE(directory + 20);
  const header = zip.readUInt32LE(directory + 42);
  const content = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  return inflateRawSync(zip.subarray(content, content + size));
}
