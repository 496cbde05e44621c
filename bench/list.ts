// SPDX-License-Identifier: MIT
import { cliBundle } from '../scripts/lib/paths.ts';
import { BenchHelper } from './lib/bench-helper.ts';
import { runProgram } from './lib/programs.ts';
import { figure, type Benchmark } from './lib/result.ts';
import { median } from './lib/statistics.ts';
import { storeInstances } from './lib/stored-instances.ts';

const stored = 200;

/** `list` with 200 stored instances: the call alone, the whole command, and node doing nothing for comparison. */
export const list: Benchmark = {
  name: 'list',
  run: async (signal) => {
    await using helper = await BenchHelper.start(async (state) => {
      await storeInstances(state, stored);
    });
    const calls: number[] = [];
    for (let number = 0; number < 200; number += 1) {
      signal.throwIfAborted();
      calls.push(
        await timed(async () => {
          const found = await helper.connection.request('instances.list', {});
          if (found.length !== stored) throw new Error(`${found.length} instances listed, not ${stored}`);
        }),
      );
    }
    const commands: number[] = [];
    const bare: number[] = [];
    for (let number = 0; number < 15; number += 1) {
      commands.push(
        await timed(() => runProgram(process.execPath, [cliBundle, '--run-dir', helper.runDirectory, 'list'], signal)),
      );
      bare.push(await timed(() => runProgram(process.execPath, ['-e', '0'], signal)));
    }
    return [
      figure(`instances.list of ${stored}`, 'ms', calls, { target: 'at most 30' }),
      figure(`berth list of ${stored}, whole process`, 'ms', commands, { ratio: median(commands) / median(bare) }),
      figure('node -e 0', 'ms', bare),
      figure('berth list beyond node', 'ms', [median(commands) - median(bare)], { target: 'below 120' }),
    ];
  },
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now();
  await work();
  return performance.now() - beganMs;
}
