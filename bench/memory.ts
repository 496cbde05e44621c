// SPDX-License-Identifier: MIT
import { BenchHelper } from './lib/bench-helper.ts';
import { figure, type Benchmark } from './lib/result.ts';

const machines = 10;

/** Resident memory of the helper: with nothing to do, and with ten machines whose QEMU stands still (SIGSTOP). */
export const memory: Benchmark = {
  name: 'memory',
  run: async (signal) => {
    await using helper = await BenchHelper.start();
    await helper.connection.request('images.catalogue', {});
    const idle = await helper.residentBytes();
    const paused: number[] = [];
    try {
      for (let number = 1; number <= machines; number += 1) {
        await helper.launch(`paused-${number}`, signal);
        const { pid } = await helper.connection.request('instances.info', { name: `paused-${number}` });
        if (pid === undefined) throw new Error('a running machine without a process');
        process.kill(pid, 'SIGSTOP');
        paused.push(pid);
      }
      const loaded = await helper.residentBytes();
      return [
        figure('helper, idle', 'MiB', [idle / 1024 ** 2], { target: 'at most 76.3 (80 MB)' }),
        figure(`helper, ${machines} machines paused`, 'MiB', [loaded / 1024 ** 2], { ratio: loaded / idle }),
      ];
    } finally {
      for (const pid of paused) process.kill(pid, 'SIGCONT');
    }
  },
};
