// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectHelper } from '../../../client/connect-helper.ts';
import type { HelperConnection } from '../../../client/helper-connection.ts';
import { QuotaFile } from '../../../native-helper/confinement/administrator/quotas.ts';
import { RunDirectoryClaim } from '../../../native-helper/rpc/run-directory-claim.ts';
import { connectAs } from '../../support/people.ts';
import { RpcRig } from './rpc-rig.ts';

const log = pino({ level: 'silent' });
const group = 4242;
let rig: RpcRig | undefined;
beforeEach(async () => {
  rig = await RpcRig.start({
    gid: group,
    limits: { connections: 20, connectionsPerUser: 10 },
    handlers: {
      'images.list': async (_, { actor }) => {
        throw Object.assign(new Error(`${actor.uid}:${actor.gid}`));
      },
      'console.open': async (_, { actor, streams }) => ({
        token: streams.offer(actor.uid, (socket) => void socket.end(`for ${actor.uid}`)),
        boot: { number: 1, startedAt: '2026-01-01T00:00:00.000Z', endOffset: 0, firstOffset: 0 },
        fromOffset: 0,
        isLive: false,
      }),
    },
  });
  await chmod(path.dirname(rig.files.runDirectory), 0o755);
});
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

/** Runs a script of another user; it gets the run directory, and `connectHelper` by name. */
async function asUser(uid: number, gid: number, script: string, ...args: string[]): Promise<string> {
  const root = path.resolve(import.meta.dirname, '../../..');
  // it becomes the other user when all is imported: that user may not reach this checkout
  const program = `import { connectHelper } from ${JSON.stringify(path.join(root, 'client/connect-helper.ts'))};
    process.setgroups([]); process.setgid(${gid}); process.setuid(${uid});
    const [runDirectory, ...args] = process.argv.slice(1);
    const connect = () => connectHelper({ runDirectory, clientName: 'other' });
    ${script}`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', program, rig?.files.runDirectory ?? '', ...args],
    { cwd: root },
  );
  return stdout.trim();
}

test("the sockets are root's and the group's", async () => {
  for (const file of [rig?.files.rpcSocket ?? '', rig?.files.streamSocket ?? '']) {
    const { mode, uid, gid } = await stat(file);
    expect({ mode: mode & 0o777, uid, gid }).toEqual({ mode: 0o660, uid: 0, gid: group });
  }
});

test('another user of the group is another actor and cannot use our stream token', async () => {
  const connection = await rig?.connect();
  await expect(connection?.request('images.list', {})).rejects.toMatchObject({ data: { params: { reason: '0:0' } } });
  const ours = await connection?.request('console.open', { name: 'a' as never });
  const seen = await asUser(
    4000,
    group,
    `
    const c = await connect();
    const who = await c.request('images.list', {}).catch((e) => e.data.params.reason);
    const stolen = await c.openStream(args[0]).then(() => 'opened', (e) => e.code);
    const own = await c.request('console.open', { name: 'a' });
    let text = ''; for await (const part of await c.openStream(own.token)) text += part;
    console.log(JSON.stringify([who, stolen, text])); c.close();`,
    ours?.token ?? '',
  );
  expect(JSON.parse(seen)).toEqual(['4000:4242', 'stream.unknown', 'for 4000']);
  const stream = await connection?.openStream(ours?.token ?? '');
  expect(stream).toBeDefined();
  stream?.destroy();
});

test('a user outside the group is turned away by the kernel, and told so', async () => {
  expect(await asUser(4001, 4001, 'await connect().catch((e) => console.log(e.code, e.data.params.errno));')).toBe(
    'helper.unreachable EACCES',
  );
});

test('one user cannot take all the places', async () => {
  const open = [];
  for (let i = 0; i < 10; i += 1) open.push(await rig?.connect());
  await expect(rig?.connect()).rejects.toMatchObject({ code: 'quota.exceeded', data: { params: { limit: 10 } } });
  expect(await asUser(4000, group, 'const c = await connect(); console.log(c.helperVersion); c.close();')).toBe(
    '0.1.0',
  );
  open[0]?.close();
  await expect
    .poll(
      async () =>
        await rig?.connect().then(
          () => 'in',
          () => 'out',
        ),
    )
    .toBe('in');
});

test('no socket, and one that nobody serves, are told apart; a stale one is replaced', async () => {
  const runDirectory = rig?.files.runDirectory ?? '';
  const connect = async (directory: string): Promise<unknown> =>
    await connectHelper({ runDirectory: directory, clientName: 'test' });
  await expect(connect(`${runDirectory}/absent`)).rejects.toMatchObject({
    code: 'helper.unreachable',
    data: { params: { errno: 'ENOENT' } },
  });
  const stale = path.join(runDirectory, 'stale');
  await promisify(execFile)(process.execPath, [
    '-e',
    'const fs=require("fs");fs.mkdirSync(process.argv[1]);require("net").createServer().listen(process.argv[1]+"/helper.sock",()=>process.kill(process.pid,"SIGKILL"))',
    stale,
  ]).catch(() => undefined);
  await expect(connect(stale)).rejects.toMatchObject({
    code: 'helper.unreachable',
    data: { params: { errno: 'ECONNREFUSED' } },
  });
  const claim = await RunDirectoryClaim.take({ runDirectory: stale, rpcSocket: `${stale}/helper.sock` }, log);
  claim.release();
});

test('a second helper for the run directory is refused, also by another path to it and in another network', async () => {
  const { runDirectory = '', rpcSocket = '' } = rig?.files ?? {};
  await expect(RunDirectoryClaim.take({ runDirectory, rpcSocket }, log)).rejects.toMatchObject({
    code: 'helper.already-running',
    params: { path: rpcSocket },
  });
  await promisify(execFile)('ln', ['-s', runDirectory, `${runDirectory}-link`]);
  await expect(
    RunDirectoryClaim.take({ runDirectory: `${runDirectory}-link`, rpcSocket: '/nonexistent' }, log),
  ).rejects.toMatchObject({ code: 'helper.already-running' });
  const script = path.join(path.dirname(runDirectory), 'claim.ts');
  const root = path.resolve(import.meta.dirname, '../../..');
  await writeFile(
    script,
    `import { RunDirectoryClaim } from '${root}/native-helper/rpc/run-directory-claim.ts';
    await RunDirectoryClaim.take({ runDirectory: '${runDirectory}', rpcSocket: '${rpcSocket}' }, { warn() {} }).then(() => console.log('taken'), (e) => console.log(e.code)); process.exit(0);`,
  );
  const { stdout } = await promisify(execFile)('unshare', ['--net', process.execPath, script], { cwd: root });
  expect(stdout.trim()).toBe('helper.already-running');
});

test("another user who sits on the lock's name does not keep the helper from starting", async () => {
  const files = { runDirectory: `${rig?.files.runDirectory}-2`, rpcSocket: '/nonexistent' };
  const digest = createHash('sha256').update(files.runDirectory).digest('hex');
  const squatter = createServer();
  process.seteuid?.(4000);
  try {
    squatter.listen(`\0berth-helper-${digest.slice(0, 32)}`); // binds at once
  } finally {
    process.seteuid?.(0);
  }
  await once(squatter, 'listening');
  const warnings: unknown[] = [];
  const claim = await RunDirectoryClaim.take(
    files,
    pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) }),
  );
  expect(warnings).toHaveLength(1);
  claim.release();
  squatter.close();
});

test('the end of the server tells each client once and removes the sockets', async () => {
  const connection = await rig?.connect();
  const reasons: string[] = [];
  connection?.onClose((reason) => reasons.push(reason.code));
  const runDirectory = rig?.files.runDirectory ?? '';
  const pending = connection?.request('instances.list', {}).catch((error: { code: string }) => error.code);
  const stopping = rig?.stop();
  rig = undefined;
  expect(['helper.unreachable', 'internal.bug']).toContain(await pending);
  await stopping;
  expect(reasons).toEqual(['helper.unreachable']);
  await expect(stat(runDirectory)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a request whose client is gone has its place until its handler is done', async () => {
  await rig?.stop();
  const quotas = new QuotaFile(await mkdtemp(path.join(os.tmpdir(), 'berth-quotas-')), log);
  await chmod(path.dirname(quotas.file), 0o755);
  await writeFile(quotas.file, 'max_requests = 2\n', { mode: 0o644 });
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  rig = await RpcRig.start({
    gid: group,
    quotas,
    handlers: {
      'operations.list': async () => {
        begun += 1;
        await gate.promise;
        return [];
      },
    },
  });
  await chmod(path.dirname(rig.files.runDirectory), 0o755);
  const ask = async (): Promise<HelperConnection> =>
    await connectAs({ uid: 4000, gid: group }, rig?.files.runDirectory ?? '');
  const gone = await ask();
  const asked = Promise.allSettled([gone.request('operations.list', {}), gone.request('operations.list', {})]);
  await expect.poll(() => begun).toBe(2);
  gone.close();
  await asked;
  const listed = async (): Promise<string> => {
    const connection = await ask().catch((error: unknown) => error as { code: string });
    if (!('close' in connection)) return connection.code;
    connection.close();
    return 'greeted';
  };
  await expect.poll(listed).toBe('quota.exceeded');
  gate.resolve();
  await expect.poll(listed).toBe('greeted');
  await rm(path.dirname(quotas.file), { recursive: true });
});
