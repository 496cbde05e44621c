// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Journal } from '../../../native-helper/operations/journal.ts';
import { OperationManager } from '../../../native-helper/operations/manager.ts';
import { Files } from '../../../native-helper/store/files.ts';

const log = pino({ level: 'silent' });
const source = path.resolve(import.meta.dirname, '../../../native-helper');
let directory: string;
let files: Files;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'berth-journal-'));
  files = new Files(directory, directory);
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

test('what ran when the helper was killed is found by the next, with what it was started with and how far it came', async () => {
  const script = path.join(directory, 'victim.ts');
  await writeFile(
    script,
    `
    import { pino } from '${path.resolve(source, '../node_modules/pino/pino.js')}';
    import { Journal } from '${source}/operations/journal.ts';
    import { OperationManager } from '${source}/operations/manager.ts';
    import { Files } from '${source}/store/files.ts';
    const log = pino.pino({ level: 'silent' });
    const files = new Files('${directory}', '${directory}');
    const manager = new OperationManager({ journal: new Journal(files, log), events: { sequence: 0, publish() {} }, log });
    const actor = { uid: 1000, gid: 1000, pid: 1 };
    const forever = new Promise(() => setInterval(() => {}, 1000));
    await manager.start({ kind: 'start', target: 'done', actor }, async () => {});
    await manager.start({ kind: 'launch', target: 'noted', actor, journal: { disk: 1 } }, async () => {
      process.stdout.write('ready'); await forever;
    });
    await manager.start({ kind: 'purge', target: 'passed', actor }, async (job) => { job.pointOfNoReturn(); process.stdout.write('ready'); await forever; });`,
  );
  const child = spawn(process.execPath, [script], { cwd: path.dirname(source), stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await expect.poll(() => output, { timeout: 20_000 }).toBe('readyready');
  const passed = async (): Promise<unknown[]> =>
    await Promise.all(
      (await readdir(files.operations)).map(async (name) => {
        const text = await readFile(path.join(files.operations, name), 'utf8');
        return (JSON.parse(text) as { readonly isPastReturn: unknown }).isPastReturn;
      }),
    );
  await expect.poll(async () => (await passed()).map(String).toSorted()).toEqual(['false', 'true']);
  child.kill('SIGKILL');
  await once(child, 'exit');

  const journal = new Journal(files, log);
  const left = await journal.leftovers();
  expect(left).toMatchObject([
    { kind: 'launch', target: 'noted', isPastReturn: false, data: { disk: 1 } },
    { kind: 'purge', target: 'passed', isPastReturn: true },
  ]);
  const manager = new OperationManager({ journal, events: { sequence: 0, publish: () => undefined }, log });
  for (const entry of left) await manager.settleLeftover(entry);
  expect(
    manager.list({ uid: 1000, gid: 1000, pid: 1 }).map((each) => [each.target, each.state, each.error?.code]),
  ).toEqual([
    ['noted', 'failed', 'operation.interrupted'],
    ['passed', 'failed', 'operation.interrupted'],
  ]);
  expect(await readdir(files.operations)).toEqual([]);
});

test('an unreadable entry is set aside, a newer one is left, the others are read, and a half-written one is nothing', async () => {
  const journal = new Journal(files, log);
  expect(await journal.leftovers()).toEqual([]);
  const entry = {
    schema: 1,
    id: 'op-aaaaaaaaaaaa',
    kind: 'launch',
    target: 'a',
    ownerUid: 1,
    actor: { uid: 1, gid: 1, pid: 1 },
    startedAt: '2026-01-01T00:00:00.000Z',
    isPastReturn: false,
    notes: [],
    future: 'kept',
  } as never;
  await journal.write(entry);
  await writeFile(path.join(files.operations, 'op-bbbbbbbbbbbb.json'), '{"schema":1,');
  await writeFile(path.join(files.operations, 'op-cccccccccccc.json'), '{"schema":2}');
  await writeFile(path.join(files.operations, '.op-aaaaaaaaaaaa.json.0123456789ab'), 'half');
  await writeFile(path.join(files.operations, 'README'), 'not ours');
  const left = await journal.leftovers();
  expect(left).toHaveLength(1);
  for (const each of left) await journal.write({ ...each, isPastReturn: true });
  expect(JSON.parse(await readFile(path.join(files.operations, 'op-aaaaaaaaaaaa.json'), 'utf8'))).toEqual({
    ...(entry as object),
    isPastReturn: true,
  });
  const names = await readdir(files.operations);
  expect(names.map((name) => name.replace(/corrupt-.*/, 'corrupt')).sort()).toEqual([
    'README',
    'op-aaaaaaaaaaaa.json',
    'op-bbbbbbbbbbbb.json.corrupt',
    'op-cccccccccccc.json',
  ]);
});
