// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { ConsoleRecord } from '../../../native-helper/console/console-record.ts';
import { createLogger } from '../../../native-helper/core/log.ts';
import { Files } from '../../../native-helper/store/files.ts';

test('a log that cannot be read does not keep the end of a machine from being told', async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'berth-console-'));
  try {
    const files = new Files(directory, directory).instance(instanceName.parse('web'));
    await mkdir(path.dirname(files.consoleLog(1)), { recursive: true });
    await promisify(execFile)('mkfifo', [files.consoleLog(1)]);
    const record = new ConsoleRecord(1, files, { log: createLogger('silent') });
    let isEndTold = false;
    record.on('ended', () => {
      isEndTold = true;
    });
    await record.load();
    record.follow();
    await record.end();
    expect([isEndTold, record.isLive]).toEqual([true, false]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
