// SPDX-License-Identifier: MIT
import { BenchHelper } from './lib/bench-helper.ts';
import { figure, type Benchmark } from './lib/result.ts';
import { median } from './lib/statistics.ts';
import { storeInstances } from './lib/stored-instances.ts';

const stored = 500;
const rounds = 5;

/** From the start of the helper's process until it serves, with 500 stored instances and with none, in turn. */
export const start: Benchmark = {
  name: 'start',
  run: async (signal) => {
    const many: number[] = [];
    const none: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      signal.throwIfAborted();
      many.push(await startMs(stored));
      none.push(await startMs(0));
    }
    return [
      figure(`start with ${stored} instances`, 'ms', many, {
        ratio: median(many) / median(none),
        target: 'below 1000',
      }),
      figure('start with none', 'ms', none),
    ];
  },
};

async function startMs(instances: number): Promise<number> {
  await using helper = await BenchHelper.start(async (state) => {
    await storeInstances(state, instances);
  });
  const found = await helper.connection.request('instances.list', {});
  if (found.length !== instances) throw new Error(`${found.length} instances listed, not ${instances}`);
  return helper.startMs;
}
