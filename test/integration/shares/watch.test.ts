// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { parseReport, ShareWatcher } from '../../../native-helper/shares/share-watcher.ts';
import type { MountRecord } from '../../../native-helper/store/instance-record.ts';
import { SharedFolder, someUser } from '../../support/shared-folder.ts';

const program = path.join(import.meta.dirname, '../../../native-helper/shares/watch/main.ts');
/** The kernel keeps 16,384 changes for who does not read them. */
const burst = 40_000;

let folder: SharedFolder;
let watch: Watch | undefined;

beforeEach(async () => {
  folder = await SharedFolder.create();
});
afterEach(async () => {
  await watch?.end();
  watch = undefined;
  await folder[Symbol.asyncDispose]();
});

/** The watching process, as the helper runs it, and what it told. */
class Watch {
  /** How often each path was told. */
  readonly told = new Map<string, number>();
  leftOut = 0;
  readonly child: ChildProcess;
  #held = '';

  private constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding('latin1').on('data', (text: string) => {
      const entries = (this.#held + text).split('\0');
      this.#held = entries.pop() ?? '';
      for (const entry of entries) if (entry !== '') this.#take(entry.slice(entry.indexOf(' ') + 1));
    });
  }

  static async begin(at: string): Promise<Watch> {
    const child = spawn(process.execPath, ['--no-warnings', '--max-old-space-size=128', program, at], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const begun = Promise.withResolvers<void>();
    const made = new Watch(child);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n')) {
        if (line.includes('"watching"')) begun.resolve();
        made.leftOut += parseReport(line).leftOut ?? 0;
      }
    });
    await begun.promise;
    return made;
  }

  async until(isReached: () => boolean, limitMs: number): Promise<number> {
    const from = performance.now();
    while (!isReached()) {
      if (performance.now() - from > limitMs)
        throw new Error(`${this.told.size} paths were told in ${limitMs} ms, ${this.leftOut} left out`);
      await delay(20);
    }
    return performance.now() - from;
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  #take(told: string): void {
    this.told.set(told, (this.told.get(told) ?? 0) + 1);
  }
}

/** Ends with its scope. */
function keepWriting(file: string): Disposable {
  let count = 0;
  const timer = setInterval(() => writeFileSync(file, String((count += 1))), 50);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

test('a file that is always being written holds no other back, and is told about once a second itself', async () => {
  watch = await Watch.begin(folder.path);
  using _ = keepWriting(folder.in('busy'));
  await delay(500);
  writeFileSync(folder.in('other'), 'x');
  expect(await watch.until(() => watch?.told.has('./other') === true, 10_000)).toBeLessThan(5000);
  watch.told.clear();
  await delay(5000);
  expect(watch.told.get('./busy')).toBeGreaterThanOrEqual(2);
  expect(watch.told.get('./busy')).toBeLessThanOrEqual(8);
});

test('of a burst that the kernel could not keep every file is told once, and nothing of our own telling', async () => {
  for (const name of ['a', 'gone']) mkdirSync(folder.in(name));
  mkdirSync(folder.beside('moved'));
  for (const name of ['a/before', 'gone/x']) writeFileSync(folder.in(name), 'x');
  writeFileSync(folder.beside('moved/old'), 'x');
  await delay(3500); // older than a look goes back
  watch = await Watch.begin(folder.path);
  watch.child.kill('SIGSTOP');
  mkdirSync(folder.in('made/deep'), { recursive: true });
  const files = Array.from({ length: burst }, (_, at) => `${at % 2 === 0 ? 'a' : 'made/deep'}/${at}`);
  for (const file of files) writeFileSync(folder.in(file), '');
  renameSync(folder.beside('moved'), folder.in('moved'));
  rmSync(folder.in('gone/x'));
  watch.child.kill('SIGCONT');
  const isTold = (file: string): boolean => watch?.told.has(`./${file}`) === true;
  const expected = [...files, 'gone', 'moved/old'];
  await watch.until(() => (watch?.told.size ?? 0) >= expected.length && expected.every(isTold), 120_000);
  expect(watch.leftOut).toBe(0);
  expect(isTold('a/before')).toBe(false);
  expect(files.filter((file) => watch?.told.get(`./${file}`) !== 1)).toEqual([]);
  // As the guest does with what it is told.
  watch.told.clear();
  for (const file of files) chmodSync(folder.in(file), 0o644);
  await delay(8000);
  expect([...watch.told.keys()].slice(0, 5)).toEqual([]);
  // What was made while nothing was heard is watched from now on.
  writeFileSync(folder.in('made/deep/later'), '');
  writeFileSync(folder.in('moved/later'), '');
  await watch.until(() => isTold('made/deep/later') && isTold('moved/later'), 10_000);
}, 240_000);

test('a folder that takes the name of another is watched', async () => {
  mkdirSync(folder.in('a'));
  watch = await Watch.begin(folder.path);
  mkdirSync(folder.in('b'));
  renameSync(folder.in('a'), folder.beside('a'));
  renameSync(folder.in('b'), folder.in('a'));
  await delay(1500);
  writeFileSync(folder.in('a/x'), '');
  await watch.until(() => watch?.told.has('./a/x') === true, 10_000);
});

test('who takes long to be told loses nothing', async () => {
  const owned = await SharedFolder.create('owned', someUser);
  const watcher = new ShareWatcher(new LocalProcessRunner(), () => undefined);
  let most = 0;
  try {
    const mount: MountRecord = {
      id: '01234567',
      source: owned.path,
      target: '/x',
      owner: someUser,
      isReadOnly: false,
      type: 'sshfs',
      uidMaps: [],
      gidMaps: [],
    };
    await watcher.start(mount, async ({ count }) => {
      most = Math.max(most, count);
      await delay(100);
    });
    const probe = setInterval(() => writeFileSync(owned.in('probe'), String(performance.now())), 300);
    while (watcher.counts.told === 0) await delay(100);
    clearInterval(probe);
    const files = 8000;
    for (let at = 0; at < files; at += 1) writeFileSync(owned.in(String(at)), '');
    const from = performance.now();
    while (watcher.counts.told < files && performance.now() - from < 60_000) await delay(100);
    expect(watcher.counts.told).toBeGreaterThanOrEqual(files);
    expect(watcher.counts.leftOut).toBe(0);
    expect(most).toBeLessThanOrEqual(1000);
  } finally {
    watcher.stop();
    await owned[Symbol.asyncDispose]();
  }
}, 120_000);
