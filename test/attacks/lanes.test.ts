// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { imageAlias } from '../../contract/names.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { connectAs, forMembers, max, mia } from '../support/people.ts';

/** Of a network for documentation: here it is this computer's, and a server of hers that never ends its answer. */
const outside = '203.0.113.7';
let helper: HelperProcess;
let server: http.Server;
let port: number;

beforeAll(async () => {
  await promisify(execFile)('ip', ['address', 'replace', `${outside}/32`, 'dev', 'lo']);
  server = http.createServer((_, response) => {
    response.writeHead(200).write('x');
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '::', resolve);
  await promise;
  ({ port } = server.address() as AddressInfo);
  helper = await startHelper({ args: forMembers, seedImages: false });
  await mkdir(helper.configDirectory, { recursive: true });
  await chmod(helper.configDirectory, 0o755);
  await writeFile(path.join(helper.configDirectory, 'policy.conf'), `image_networks = [ "${outside}/32" ]\n`, {
    mode: 0o644,
  });
});
afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await helper?.stop();
});

it('names under which one member imports are free for others, and for asking the remotes', async () => {
  const [hers, his, roots] = [
    await connectAs(mia, helper.runDirectory),
    await connectAs(max, helper.runDirectory),
    await helper.connect(),
  ];
  const url = `http://${outside}:${port}/`;
  const begun = [
    await hers.request('images.import-url', {
      url,
      format: 'raw',
      alias: imageAlias.parse('remotes'),
      sha256: 'a'.repeat(64),
    }),
    await hers.request('images.import-url', {
      url,
      format: 'raw',
      alias: imageAlias.parse('project'),
      sha256: 'b'.repeat(64),
    }),
  ];
  for (const other of [his, roots]) {
    await other.request('images.refresh', { maxAgeSeconds: 1e6 });
    const { operationId } = await other.request('images.import', {
      path: '/dev/null',
      format: 'raw',
      alias: imageAlias.parse('project'),
    });
    await expect(other.request('operations.wait', { id: operationId })).resolves.toMatchObject({
      error: { code: 'image.unsupported-format' },
    });
  }
  for (const { operationId } of begun) {
    await expect(hers.request('operations.list', {})).resolves.toContainEqual(
      expect.objectContaining({ id: operationId, state: 'running' }),
    );
  }
});
