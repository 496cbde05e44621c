// SPDX-License-Identifier: MIT
import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const module = path.resolve(import.meta.dirname, '../../../native-helper/core/log.ts');
const program = `
  const { createLogger } = await import(${JSON.stringify(module)});
  const log = createLogger('trace');
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) log[level]({ level }, 'of a test');
  log.info({ launch: { userData: 'a secret' } }, 'launch');
  log.error(Object.assign(new Error('it failed'), { params: { privateKey: 'a secret' } }));
  log.info('of https://mia:SECRET@a.example/x?token=SECRET');
  log.child({ component: 'images' }).error({ err: new Error('at https://a.example/x?token=SECRET') });
  log.info({ get err() { throw new Error('unread') } }, 'words');
`;

let directory: string;
let fd: number;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'berth-log-'));
  fd = openSync(path.join(directory, 'log'), 'wx');
});
afterEach(() => {
  closeSync(fd);
  rmSync(directory, { recursive: true });
});

/** The lines that a process writes whose stderr is the file, and JOURNAL_STREAM what is given. */
function linesOf(stream: string | undefined): readonly string[] {
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'ignore', fd],
    env: { ...process.env, JOURNAL_STREAM: stream },
  });
  expect(status).toBe(0);
  return readFileSync(path.join(directory, 'log'), 'utf8').trimEnd().split('\n');
}

it("each line for the journal begins with the journal's priority of its level", () => {
  const { dev, ino } = fstatSync(fd, { bigint: true });
  const lines = linesOf(`${dev}:${ino}`);
  expect(lines.map((line) => line.slice(0, 4))).toEqual([
    '<7>{',
    '<7>{',
    '<6>{',
    '<4>{',
    '<3>{',
    '<2>{',
    '<6>{',
    '<3>{',
    '<6>{',
    '<3>{',
    '<6>{',
  ]);
});

it.each([undefined, '1:1'])(
  "where stderr is not the journal's (%s), lines are JSON alone, with secrets kept back",
  (stream) => {
    const lines = linesOf(stream).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ msg }) => msg)).toEqual([
      ...Array(6).fill('of a test'),
      'launch',
      'it failed',
      'of https://a.example/x?token=[kept back]',
      'at https://a.example/x?token=[kept back]',
      expect.stringMatching('words|a line could not be logged'),
    ]);
    expect(JSON.stringify(lines)).not.toContain('SECRET');
    expect(lines[10]).toMatchObject({ level: 30 });
    expect(JSON.stringify(lines[10])).toContain('words');
    expect(lines[6]).toMatchObject({ launch: { userData: '[kept back]' } });
    expect(lines[7]).toMatchObject({
      err: { type: 'Error', message: 'it failed', params: { privateKey: '[kept back]' } },
    });
  },
);
