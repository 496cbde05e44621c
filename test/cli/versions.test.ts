// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cliBundle } from '../../scripts/lib/paths.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { NewerVersion } from '../support/newer-version.ts';
import { runBerth, type BerthResult } from './run-berth.ts';

/** Versions of one protocol beside each other: what is newer may say and ask more, and nothing breaks. */
let newer: NewerVersion;
beforeAll(async () => {
  newer = await NewerVersion.build();
});
afterAll(async () => await newer[Symbol.asyncDispose]());

describe('a newer helper, this command line', () => {
  let helper: HelperProcess;
  const berth = async (...args: string[]): Promise<BerthResult> => await runBerth(helper.runDirectory, args);
  beforeAll(async () => {
    helper = await startHelper({ bundle: newer.helper });
  });
  afterAll(async () => await helper.stop());

  test('an instance lives its life, with phases and events that nobody here knows', async () => {
    const launched = await berth('launch', 'tiny', '--without-apparmor', '--name', 'web', '--memory', '256M');
    expect([launched.exitCode, launched.stderr]).toEqual([0, expect.not.stringContaining('not understood')]);
    expect((await berth('exec', 'web', '--', 'echo', 'here')).stdout.toString()).toBe('here\n');
    expect(await berth('stop', 'web')).toMatchObject({ exitCode: 0 });
  });

  test('a later state is shown as the word that it is', async () => {
    const table = await berth('list');
    expect([table.exitCode, table.stdout.toString()]).toEqual([0, expect.stringMatching(/web +frozen/)]);
    expect(JSON.parse((await berth('list', '--format', 'json')).stdout.toString())).toMatchObject([
      { state: 'frozen' },
    ]);
    expect((await berth('info', 'web')).stdout.toString()).toContain('frozen');
  });

  test('a later error says what the helper says, with its exit code', async () => {
    const refused = await berth('restart', 'web');
    expect([refused.exitCode, refused.stderr]).toEqual([7, expect.stringContaining('web is frozen solid.')]);
    expect(refused.stderr).toContain('[instance.frozen]');
    expect(refused.stderr).toContain('Thaw it with berth start web.');
  });

  test('a later check is told with its title', async () => {
    expect((await berth('doctor')).stdout.toString()).toMatch(/cloudy +The weather +It may rain\./);
  });

  test('a later kind of operation is followed to its end', async () => {
    expect(await berth('images', 'verify', 'tiny')).toMatchObject({ exitCode: 0 });
    expect((await berth('activity', '--format', 'json')).stdout.toString()).toContain('image-weigh');
  });
});

describe('this helper, a newer command line', () => {
  let helper: HelperProcess;
  const berth = async (...args: string[]): Promise<BerthResult> =>
    await runBerth(helper.runDirectory, args, { bundle: newer.cli });
  beforeAll(async () => {
    helper = await startHelper();
  });
  afterAll(async () => await helper.stop());

  test('it asks for nothing that this helper does not have, and goes without', async () => {
    const told = await berth('version', '--format', 'json');
    expect([told.exitCode, JSON.parse(told.stdout.toString())]).toMatchObject([0, { helper: { weather: 'not told' } }]);
    expect(await berth('list')).toMatchObject({ exitCode: 0 });
    expect((await berth('doctor')).stdout.toString()).not.toContain('weather');
  });

  test('what both know they say in the same words', async () => {
    const [one, other] = await Promise.all(
      [newer.cli, cliBundle].map(async (bundle) => await runBerth(helper.runDirectory, ['info', 'nobody'], { bundle })),
    );
    expect(one).toMatchObject({ exitCode: 4, stderr: other?.stderr });
  });
});

test('a newer command line is told its own by a newer helper', async () => {
  const helper = await startHelper({ bundle: newer.helper, seedImages: false });
  try {
    const told = await runBerth(helper.runDirectory, ['version', '--format', 'json'], { bundle: newer.cli });
    expect(JSON.parse(told.stdout.toString())).toMatchObject({ helper: { weather: 'told' } });
  } finally {
    await helper.stop();
  }
});
