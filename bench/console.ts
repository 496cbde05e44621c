// SPDX-License-Identifier: MIT
import { mkdir, writeFile } from 'node:fs/promises';
import { instanceName } from '#contract/names.ts';
import { BenchHelper } from './lib/bench-helper.ts';
import { figure, type Benchmark } from './lib/result.ts';
import { storeInstances } from './lib/stored-instances.ts';

const recordMiB = 48;

/** How fast a console's record reaches a client. */
export const consoleThroughput: Benchmark = {
  name: 'console',
  run: async (signal) => {
    await using helper = await BenchHelper.start(async (state) => {
      await storeConsole(state, recordMiB);
    });
    const rates: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      signal.throwIfAborted();
      const opened = await helper.connection.request('console.open', { name: 'stored-1', boot: 1 });
      const stream = await helper.connection.openStream(opened.token);
      const beganMs = performance.now();
      let bytes = 0;
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes >= opened.boot.endOffset) break;
      }
      stream.destroy();
      if (bytes < recordMiB * 1024 ** 2) throw new Error(`the console ended after ${bytes} bytes`);
      rates.push(bytes / 1e6 / ((performance.now() - beganMs) / 1000));
    }
    return [figure('console record, helper to client', 'MB/s', rates)];
  },
};

/** Lines as a kernel prints them, `mebibytes` of them, as the record of `stored-1`; the last line says so. */
export async function storeConsole(stateDirectory: string, mebibytes: number): Promise<void> {
  const files = (await storeInstances(stateDirectory, 1)).instance(instanceName.parse('stored-1'));
  const line = (number: number): string =>
    `[${(number / 1000).toFixed(6).padStart(12)}] systemd[1]: \u001b[32mStarted\u001b[0m unit number ${number} of a long boot.\r\n`;
  const block = Array.from({ length: 4096 }, (_, number) => line(number)).join('');
  const blocks = Math.ceil((mebibytes * 1024 ** 2) / block.length);
  await mkdir(files.consoles, { recursive: true });
  await writeFile(files.consoleLog(1), `${block.repeat(blocks)}end-of-record\r\n`);
}
