// SPDX-License-Identifier: MIT
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { connectAs, forMembers, max, mia } from '../support/people.ts';

let helper: HelperProcess;
let hers: HelperConnection;
let his: HelperConnection;

beforeAll(async () => {
  helper = await startHelper({ args: forMembers, seedImages: false });
  [hers, his] = [await connectAs(mia, helper.runDirectory), await connectAs(max, helper.runDirectory)];
}, 60_000);
afterAll(async () => {
  await helper.stop();
});

const longest = 256 * 1024;
const manyKeys = (count: number): string =>
  `#cloud-config\n${Array.from({ length: count }, (_, n) => `k${n}: 1`).join('\n')}\n`;
const bomb = `#cloud-config\na0: &a0 [x]\n${Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array.from({ length: 20 }, () => `*a${n}`).join()}]`).join('\n')}\n`;
const hostile: readonly (readonly [string, string])[] = [
  ['33,000 keys', manyKeys(33_000).slice(0, longest)],
  ['as many values as are read', `${manyKeys(18_000)}- a list that cannot follow\n`],
  ['brackets', `#cloud-config\na: ${'['.repeat(longest - 100)}`],
  ['dashes', `#cloud-config\na:\n ${'- '.repeat(longest / 2 - 100)}`],
  [
    'anchors',
    `#cloud-config\n${Array.from({ length: 9000 }, (_, n) => `a${n}: &a${n} {<<: *a${Math.max(0, n - 1)}}`)
      .join('\n')
      .slice(0, longest - 100)}\n`,
  ],
  ['an alias bomb', bomb],
  ['quotes without an end', `#cloud-config\na: "${'\\x'.repeat(longest / 2 - 100)}`],
];

const packed: readonly (readonly [string, Buffer])[] = [
  ['a gzip bomb', gzipSync(Buffer.alloc(256 * 1024 * 1024, 'a: 1\n'))],
  ['8 MiB of keys in gzip', gzipSync(`#cloud-config\n${'a: 1\n'.repeat(1_600_000)}`)],
  ['8 MiB of a value without an end in gzip', gzipSync(`#cloud-config\na: "${'\\x '.repeat(2_000_000)}`)],
];

/** How long each of his lists took while hers was done, in order. */
async function listsDuring(
  hold: () => Promise<unknown>,
): Promise<{ readonly took: readonly number[]; readonly held: PromiseSettledResult<unknown> }> {
  const took: number[] = [];
  let isDone = false;
  const holding = Promise.allSettled([hold()]).finally(() => {
    isDone = true;
  });
  while (!isDone || took.length < 200) {
    const from = performance.now();
    await his.request('instances.list', {});
    took.push(performance.now() - from);
    await setImmediate();
  }
  const [held] = await holding;
  return { took: took.toSorted((a, b) => a - b), held };
}

const p99 = (took: readonly number[]): number => took[Math.floor(took.length * 0.99)] ?? Infinity;

it("what a member sends as cloud-init is read elsewhere: another's list comes as quickly as ever", async () => {
  // What this computer, as busy as it is, takes for a list while a process starts that reads a harmless document.
  const harmless = '#cloud-config\n- a list\n';
  const calm = await listsDuring(() => hers.request('instances.launch', { image: 'tiny', userData: harmless }));
  expect(calm.held).toMatchObject({ reason: { data: { code: 'cloudinit.invalid' } } });
  const limit = Math.max(50, 3 * p99(calm.took));
  for (const [name, document] of [...hostile, ...packed]) {
    const userDataBase64 = Buffer.from(document).toString('base64');
    const { took, held } = await listsDuring(() => hers.request('instances.launch', { image: 'tiny', userDataBase64 }));
    expect(held, name).toMatchObject({ status: 'rejected', reason: { data: { code: 'cloudinit.invalid' } } });
    expect(
      p99(took),
      `${name}: ${took.length} lists, the longest ${took.at(-1)?.toFixed(0)} ms, limit ${limit.toFixed(0)} ms`,
    ).toBeLessThan(limit);
    expect(took.at(-1), `${name}, the longest`).toBeLessThan(Math.max(500, 10 * limit));
  }
});

it('a long document of honest length is none of these', async () => {
  const packages = Array.from({ length: 2000 }, (_, n) => `package-${n}`);
  // it is refused for its kind alone, which is looked at last
  await expect(
    hers.request('instances.launch', { image: 'tiny', userData: `#cloud-config\n- ${JSON.stringify(packages)}\n` }),
  ).rejects.toMatchObject({
    data: { code: 'cloudinit.invalid', params: { reason: 'the document is not a mapping of keys to values' } },
  });
});

it('launches whose client is gone are forgotten, and hold up no other of the same user', async () => {
  // each takes as long to read as any may
  const text = `${manyKeys(18_000)}x: "`;
  const userData = `${text}${'x'.repeat(longest - text.length - 1)}"`;
  for (let round = 0; round < 2; round += 1) {
    const gone = await connectAs(mia, helper.runDirectory);
    const asked = Promise.allSettled(
      Array.from({ length: 50 }, () => gone.request('instances.launch', { image: 'tiny', userData })),
    );
    await expect(gone.request('instances.info', { name: 'nobodys' as never })).rejects.toMatchObject({
      data: { code: 'instance.not-found' },
    });
    gone.close();
    const answers = await asked;
    expect(
      answers.some(
        (answer) =>
          answer.status === 'rejected' &&
          (answer.reason as { data?: { code?: string } }).data?.code === 'quota.exceeded',
      ),
    ).toBe(true);
  }
  // behind fifty others it would be refused for the time that it takes
  await expect(
    hers.request('instances.launch', { image: 'tiny', userData: '#cloud-config\n- a list\n' }),
  ).rejects.toMatchObject({
    data: { code: 'cloudinit.invalid', params: { reason: 'the document is not a mapping of keys to values' } },
  });
}, 60_000);
