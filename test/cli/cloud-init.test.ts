// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { instanceDetails, type InstanceDetails } from '#contract/instances.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { runBerth, type BerthOptions, type BerthResult } from './run-berth.ts';

let helper: HelperProcess;
let directory: string;
const guestTimeMs = 700_000;

beforeAll(async () => {
  helper = await startHelper();
  directory = await mkdtemp(path.join(os.tmpdir(), 'berth-documents-'));
});
afterAll(async () => {
  await helper.stop();
  await rm(directory, { recursive: true });
}, guestTimeMs);

async function file(name: string, content: string | Buffer): Promise<string> {
  const at = path.join(directory, name);
  await writeFile(at, content);
  return at;
}

async function launch(
  name: string,
  document: string,
  more: readonly string[] = [],
  options: BerthOptions = {},
): Promise<BerthResult> {
  const args = [
    'launch',
    'tiny',
    '--name',
    name,
    '--memory',
    '256M',
    '--without-apparmor',
    '--cloud-init',
    document,
    ...more,
  ];
  return await runBerth(helper.runDirectory, args, options);
}

const exec = async (name: string, ...command: string[]): Promise<string> =>
  (await runBerth(helper.runDirectory, ['exec', name, '--', ...command])).stdout.toString();

async function info(name: string): Promise<InstanceDetails | undefined> {
  const { stdout } = await runBerth(helper.runDirectory, ['info', name, '--format', 'json']);
  return z.array(instanceDetails).parse(JSON.parse(stdout.toString()))[0];
}

describe('what cloud-init would make nothing of is refused in words', () => {
  test.each<[string, string | Buffer, string]>([
    ['empty', '', 'it is empty'],
    ['words', 'hello, world\n', 'its first line must say what it is'],
    ['binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0]), 'it is binary data'],
  ])('%s', async (name, content, words) => {
    const result = await launch('nothing', await file(name, content));
    expect(result).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(words) as string });
  });

  test.each([
    ['/dev/null', 'it is empty'],
    ['http://127.0.0.1/user-data', 'https:// is'],
    ['https://127.0.0.1:64999/user-data', 'ECONNREFUSED'],
    ['/dev/zero', 'larger than 524288 bytes'],
  ])('%s', async (source, words) => {
    expect(await launch('nothing', source)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(words) as string,
    });
  });
});

test('a URL is fetched by https alone, wherever the server sends on to', async () => {
  await promisify(execFile)(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    ],
    { cwd: directory },
  );
  const [key, cert] = [
    await readFile(path.join(directory, 'key.pem')),
    await readFile(path.join(directory, 'cert.pem')),
  ];
  await using server = https
    .createServer({ key, cert }, ({ url }, response) => {
      if (url === '/moved') response.writeHead(302, { location: '/words' }).end();
      else if (url === '/plain') response.writeHead(302, { location: 'http://127.0.0.1/words' }).end();
      else if (url === '/gone') response.writeHead(404).end();
      else if (url === '/endless') for (let n = 0; n < 64; n += 1) response.write(Buffer.alloc(64 * 1024));
      else response.end('words that came by https\n');
    })
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const asked = async (at: string): Promise<string> =>
    (await launch('nothing', `${base}${at}`, [], { env: { NODE_EXTRA_CA_CERTS: path.join(directory, 'cert.pem') } }))
      .stderr;
  expect(await asked('/moved')).toContain('its first line must say what it is');
  expect(await asked('/plain')).toContain('http:// is not fetched');
  expect(await asked('/gone')).toContain('the server answers 404');
  expect(await asked('/endless')).toContain('larger than 524288 bytes');
  expect((await launch('nothing', `${base}/words`)).stderr).toContain('self-signed certificate');
});

test(
  'YAML without a header gets one, and it is said; bytes from stdin reach the guest',
  async () => {
    const named = await launch(
      'headed',
      await file('plain.yaml', 'users:\n  - name: ada\nruncmd:\n  - echo done > /root/result\n'),
    );
    expect(named).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('#cloud-config was put before it') as string,
    });
    expect(await exec('headed', 'sh', '-c', 'id -un; id -un ada; sudo cat /root/result')).toBe('berth\nada\ndone\n');
    const packed = await launch('packed', '-', [], {
      input: gzipSync('#cloud-config\nruncmd:\n  - echo unpacked > /root/result\n'),
    });
    expect(packed.exitCode).toBe(0);
    expect(await exec('packed', 'sudo', 'cat', '/root/result')).toBe('unpacked\n');
  },
  guestTimeMs,
);

test(
  'a cloud-init that failed is a warning with the way out, and an exit code where that is asked for',
  async () => {
    const document = await file('fails.yaml', '#cloud-config\nruncmd:\n  - exit 3\npakages_typo: [git]\n');
    const warned = await launch('warned', document);
    expect(warned).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(
        /Warning: warned is running, but cloud-init reported a problem: .*\/var\/log\/cloud-init-output\.log/,
      ) as string,
    });
    expect(warned.stderr).toContain('Line 4: pakages_typo is no key that cloud-init knows.');
    expect(warned.stdout.toString()).toBe('warned\n');
    const strict = await launch('strict', document, ['--strict-cloud-init']);
    expect(strict).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Warning: strict is running') as string,
    });
    expect((await info('strict'))?.state).toBe('running');
  },
  guestTimeMs,
);

test(
  'a restart in the first boot is waited over and said, and what it did is done once',
  async () => {
    const document = await file('restarts.yaml', '#cloud-config\nruncmd:\n  - echo once >> /root/log\n  - reboot\n');
    const result = await launch('restarted', document, ['--strict-cloud-init']);
    expect(result).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('after it restarted once') as string });
    expect(await exec('restarted', 'sudo', 'cat', '/root/log')).toBe('once\n');
  },
  guestTimeMs,
);

test(
  'a power-off in the first boot is said',
  async () => {
    const result = await launch('ended', await file('ends.yaml', '#cloud-config\nruncmd:\n  - poweroff\n'));
    expect(result).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('ended powered itself off in its first boot') as string,
    });
    expect((await info('ended'))?.state).toBe('stopped');
  },
  guestTimeMs,
);
