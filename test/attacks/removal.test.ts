// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { createLogger } from '../../native-helper/core/log.ts';
import { removeTree } from '../../native-helper/posix/remove-tree.ts';
import { Files } from '../../native-helper/store/files.ts';
import { InstanceStore } from '../../native-helper/store/instance-store.ts';
import { sampleRecord } from '../support/sample-record.ts';

const machineUser = 1_899_999_999;
const rounds = 25;
const names = Array.from({ length: 20 }, (_, index) => `f${index}`);
const name = instanceName.parse('victim');

/**
 * Runs as the machine's user: swaps a folder for a link to root's own, again and again, as long as there is a room to
 * do it in.
 */
const swapper = `
  const fs = require('node:fs');
  const [room, secret, uid] = process.argv.slice(1);
  process.setgroups([]); process.setgid(Number(uid)); process.setuid(Number(uid));
  const attempt = (act) => { try { act(); } catch {} };
  process.stdout.write('begun');
  for (;;) {
    attempt(() => fs.mkdirSync(room + '/d'));
    for (const name of ${JSON.stringify(names)}) attempt(() => fs.closeSync(fs.openSync(room + '/d/' + name, 'w')));
    for (let turn = 0; turn < 50; turn += 1) {
      attempt(() => fs.renameSync(room + '/d', room + '/e'));
      attempt(() => fs.symlinkSync(secret, room + '/d'));
      attempt(() => fs.unlinkSync(room + '/d'));
      attempt(() => fs.renameSync(room + '/e', room + '/d'));
    }
  }`;

let directory: string;
let files: Files;
let attacker: ChildProcess;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-removal-'));
  await chmod(directory, 0o711);
  files = new Files(path.join(directory, 'state'), path.join(directory, 'run'));
  for (const each of [files.stateDirectory, files.instances]) {
    await mkdir(each);
    await chmod(each, 0o711);
  }
  await mkdir(secret(), { mode: 0o700 });
  for (const each of names) await writeFile(path.join(secret(), each), "root's");
  attacker = spawn(process.execPath, ['-e', swapper, room(), secret(), String(machineUser)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (attacker.stdout) await once(attacker.stdout, 'data');
});
afterAll(async () => {
  attacker.kill('SIGKILL');
  await removeTree(directory);
});

it("a machine's user who swaps folders for links while root removes them gets nothing of root's removed", async () => {
  const store = new InstanceStore(files, createLogger('silent'));
  for (let round = 0; round < rounds; round += 1) {
    await store.create(sampleRecord(name));
    await mkdir(room(), { mode: 0o700 });
    await chown(room(), machineUser, machineUser);
    // not before the attacker is at work in it
    while (
      !(await lstat(path.join(room(), 'd', names.at(-1) ?? '')).then(
        () => true,
        () => false,
      ))
    )
      await setImmediate();
    await removeTree(files.instance(name).directory);
    expect(await readdir(files.instances)).toEqual([]);
    expect((await readdir(secret())).toSorted(), `after ${round + 1} rounds`).toEqual(names.toSorted());
  }
}, 60_000);

function secret(): string {
  return path.join(directory, 'secret');
}
function room(): string {
  return path.join(files.instance(name).directory, 'room');
}
