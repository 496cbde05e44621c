// SPDX-License-Identifier: MIT What the injector counts is all there is: of an operation the kernel sees the same
// calls. One that it does not see is never struck.
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SyscallTrace } from '../support/injector/syscall-trace.ts';
import { mia } from '../support/people.ts';
import { cases, type ChangingMethod } from './cases.ts';
import { makeState } from './kept-state.ts';
import { Stage } from './stage.ts';

/** Without a call for so long, the operation has ended with all that comes after it. */
const quietMs = 500;
let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
  await makeState(stage);
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
});

it.each(['instances.purge', 'instances.grant', 'images.import'] satisfies ChangingMethod[])(
  '%s: each call that changes the disk or starts a program is counted',
  async (method) => {
    const [first] = cases[method];
    if (!first) throw new Error('it has no case');
    await stage.restore();
    await stage.start();
    const client = await stage.connect(mia);
    const trace = await SyscallTrace.of(stage.pid ?? 0, path.join(stage.directory, 'trace'));
    const fromMs = Date.now();
    stage.injector.arm();
    await first.run({ client, stage });
    await untilQuiet();
    const { calls } = stage.injector.disarm();
    const seen = await trace.end({ fromMs, toMs: Date.now() + 1 });
    client.close();
    expect(calls, seen.join('\n')).toBe(seen.length);
    expect(calls).toBeGreaterThan(5);
  },
);

async function untilQuiet(): Promise<void> {
  for (let before = -1; before !== stage.injector.calls; await delay(quietMs)) before = stage.injector.calls;
}
