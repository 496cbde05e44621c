// SPDX-License-Identifier: MIT
import { appendFile, mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { followAuditFile } from '../../../native-helper/instances/denials/audit-file.ts';
import { DenialWatch } from '../../../native-helper/instances/denials/denial-watch.ts';
import type { DeniedAccess } from '../../../native-helper/instances/denials/denied-access.ts';
import { followKernelLog } from '../../../native-helper/instances/denials/kernel-log.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { samples } from '../../unit/denials/samples.ts';
import { log } from '../hypervisor/fixture.ts';

/** On a busy computer too. */
const soon = { timeout: 30_000 };

let directory: string;
let file: string;
let ending: AbortController;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-audit-'));
  file = path.join(directory, 'audit.log');
  ending = new AbortController();
});

afterEach(async () => {
  ending.abort();
  await rm(directory, { recursive: true });
});

test("auditd's file is followed line by line, from its beginning and through rotations", async () => {
  const lines: string[] = [];
  await writeFile(file, 'one\ntw');
  await followAuditFile(file, log, (line) => lines.push(line), ending.signal);
  expect(lines).toEqual(['one']);
  await appendFile(file, 'o\nthrée\n');
  await vi.waitFor(() => expect(lines).toEqual(['one', 'two', 'thrée']), soon);
  await appendFile(file, 'last of the old\n');
  await rename(file, `${file}.1`);
  await writeFile(file, 'first of the new\n');
  await vi.waitFor(() => expect(lines.slice(3)).toEqual(['last of the old', 'first of the new']), soon);
  await writeFile(file, ''); // truncated in place
  await appendFile(file, 'again\n');
  await vi.waitFor(() => expect(lines.at(-1)).toBe('again'), soon);
});

test('a file that is not there yet is awaited, and a directory that is not there is no file', async () => {
  const lines: string[] = [];
  expect(await followAuditFile(file, log, (line) => lines.push(line), ending.signal)).toBe('following');
  await writeFile(file, 'born\n');
  await vi.waitFor(() => expect(lines).toEqual(['born']), soon);
  expect(await followAuditFile(path.join(directory, 'none/audit.log'), log, () => {}, ending.signal)).toBeUndefined();
});

test("the kernel's own log is read from its beginning, and what a program wrote there is no word of the kernel", async () => {
  const messages: string[] = [];
  const first = await firstKernelMessage();
  const followed = followKernelLog(
    new LocalProcessRunner(),
    { onMessage: (text) => messages.push(text), onGap: () => {}, onTrouble: () => {} },
    ending.signal,
  );
  await vi.waitFor(() => expect(messages).toContain(first), soon);
  const mark = randomUUID();
  await writeToKernelLog(`berth test ${mark}: ${samples.home}`);
  await vi.waitFor(async () => expect(await hasReached(mark)).toBe(true), soon);
  const before = messages.length;
  ending.abort();
  await followed;
  expect(messages.some((text) => text.includes(mark))).toBe(false);
  expect(messages.length).toBeGreaterThanOrEqual(before);
});

test("the watch tells what auditd recorded of Berth's profiles, and of no others", async () => {
  const watch = new DenialWatch({
    runner: new LocalProcessRunner(),
    log,
    auditFile: file,
    hasAppArmor: async () => false,
  });
  const heard: DeniedAccess[] = [];
  watch.on('denied', (denied) => heard.push(denied));
  await writeFile(file, `${samples.status}\n${samples.foreign}\n${samples.auditd}\n`);
  await watch.begin();
  expect(heard).toMatchObject([{ instance: 'vm-one', subject: '/etc/hostname' }]);
  await appendFile(file, `${samples.exec}\n`);
  await vi.waitFor(() => expect(heard).toMatchObject([{}, { instance: 'vm-root', kind: 'exec' }]), soon);
  await watch.close();
});

/** The oldest message that is still there and that the kernel itself wrote. */
async function firstKernelMessage(): Promise<string> {
  await using handle = await open('/dev/kmsg', 'r');
  for (;;) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8192), 0, 8192, null);
    const [, text] = /^[0-7],\d+,\d+,[^;]*;([^\\\n]+)$/m.exec(buffer.toString('latin1', 0, bytesRead)) ?? [];
    if (text !== undefined) return text;
  }
}

async function writeToKernelLog(text: string): Promise<void> {
  await using handle = await open('/dev/kmsg', 'w');
  await handle.write(`${text}\n`);
}

async function hasReached(mark: string): Promise<boolean> {
  await using handle = await open('/dev/kmsg', 'r');
  const until = performance.now() + 2000;
  while (performance.now() < until) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8192), 0, 8192, null);
    if (buffer.toString('latin1', 0, bytesRead).includes(mark)) return true;
  }
  return false;
}
