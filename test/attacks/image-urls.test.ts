// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { imageAlias } from '../../contract/names.ts';
import type { OperationSummary } from '../../contract/operations.ts';
import { connectHelper } from '../../client/connect-helper.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { connectAs, forMembers, mia } from '../support/people.ts';

const disk = Buffer.alloc(1024 ** 2, 'disk');
const sha256 = createHash('sha256').update(disk).digest('hex');
/** Of a network for documentation: here it is this computer's, and as good as a server somewhere. */
const outside = '203.0.113.7';
let helper: HelperProcess;
let server: http.Server;
let port: number;
const seen: string[] = [];

beforeAll(async () => {
  await promisify(execFile)('ip', ['address', 'replace', `${outside}/32`, 'dev', 'lo']);
  server = http.createServer((request, response) => {
    seen.push(`${request.socket.localAddress} ${request.url}`);
    const to = new URL(request.url ?? '/', 'http://x').searchParams.get('to');
    if (to === null) response.end(disk);
    else response.writeHead(302, { location: to }).end();
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '::', resolve);
  await promise;
  ({ port } = server.address() as AddressInfo);
  helper = await startHelper({ args: forMembers, seedImages: false });
});
afterAll(async () => {
  await helper?.stop();
  server?.closeAllConnections();
  server?.close();
  await promisify(execFile)('ip', ['address', 'del', `${outside}/32`, 'dev', 'lo']);
});

async function fetchBy(connection: HelperConnection, url: string, alias = 'fetched'): Promise<OperationSummary> {
  try {
    const { operationId } = await connection.request('images.import-url', {
      url,
      format: 'raw',
      alias: imageAlias.parse(alias),
      sha256,
    });
    return await connection.request('operations.wait', { id: operationId });
  } finally {
    connection.close();
  }
}

const asMia = async (url: string): Promise<OperationSummary> =>
  await fetchBy(await connectAs(mia, helper.runDirectory), url);
const refused = {
  error: { code: 'image.download-refused', params: { reason: expect.stringContaining('no public address') as string } },
};

it.each([
  ['loopback', '127.0.0.1'],
  ['another loopback', '127.8.9.1'],
  ['a number', '2130706433'],
  ['no address', '0.0.0.0'],
  ['a name', 'localhost'],
  ['loopback of IPv6', '[::1]'],
  ['IPv4 in IPv6', '[::ffff:127.0.0.1]'],
  ['translated', '[64:ff9b::7f00:1]'],
  ['this computer’s own', outside],
  ['the bridge', '10.11.12.1'],
  ['link-local', '169.254.169.254'],
  ['unique-local', '[fd00::1]'],
  ['link-local of IPv6', '[fe80::1]'],
  ['carrier’s', '100.64.0.1'],
  ['multicast', '224.0.0.1'],
])('a member’s URL does not lead to %s', async (_, host) => {
  seen.length = 0;
  expect(await asMia(`http://${host}:${port}/disk`)).toMatchObject(refused);
  expect(seen).toEqual([]);
});

it('root’s does', async () => {
  seen.length = 0;
  expect(
    await fetchBy(
      await connectHelper({ runDirectory: helper.runDirectory, clientName: 'root' }),
      `http://127.0.0.1:${port}/disk`,
      'roots',
    ),
  ).toMatchObject({ state: 'succeeded' });
  expect(seen.length).toBeGreaterThan(0);
});

it('a member’s does where the administrator allows it, and from there by no redirect to another address', async () => {
  await mkdir(helper.configDirectory, { recursive: true });
  await chmod(helper.configDirectory, 0o755);
  await writeFile(path.join(helper.configDirectory, 'policy.conf'), `image_networks = [ "${outside}/32" ]\n`, {
    mode: 0o644,
  });
  try {
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      seen.length = 0;
      expect(
        await asMia(`http://${outside}:${port}/?to=${encodeURIComponent(`http://${host}:${port}/disk`)}`),
        host,
      ).toMatchObject(refused);
      expect(seen).toHaveLength(1);
    }
    expect(await asMia(`http://${outside}:${port}/disk`)).toMatchObject({ state: 'succeeded' });
  } finally {
    await rm(helper.configDirectory, { recursive: true });
  }
});
