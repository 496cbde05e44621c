// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { catalogueEntry } from '#contract/images.ts';
import { largestUserDataBytes } from '#contract/user-data.ts';
import { adviceFor } from '../../../renderer/lib/over-commit.ts';
import { defaultFields, parseLaunchForm, type LaunchFields } from '../../../renderer/features/launch/launch-form.ts';
import { parseImportForm, suggestFrom, withPath } from '../../../renderer/features/images/import-form.ts';
import { checkUserData } from '../../../renderer/lib/check-user-data.ts';
import { launchLine, setLine } from '../../../renderer/lib/cli-line.ts';
import { actionLine } from '../../../renderer/lib/instance-actions.ts';
import { parseSettings } from '../../../renderer/features/instance/settings/settings-form.ts';
import { instance, snapshotOf } from './fixtures.ts';

const mebibyte = 1024 ** 2;
const tiny = catalogueEntry.parse({
  alias: 'tiny',
  title: 'Tiny',
  description: '',
  os: 'Linux',
  release: '6',
  architecture: 'x86_64',
  origin: 'built',
  defaultUser: 'tiny',
  minMemoryBytes: 128 * mebibyte,
  minDiskBytes: 512 * mebibyte,
});
const fields = { name: 'web', userData: '', timeout: '', ...defaultFields(tiny, { hostCpus: 2 }) };

describe('launch form', () => {
  it('sends the defaults of an image as they stand', () => {
    expect(parseLaunchForm(fields, tiny)).toMatchObject({
      errors: {},
      params: { image: 'tiny', name: 'web', cpus: 2, memoryBytes: 1024 * mebibyte, diskBytes: 5120 * mebibyte },
    });
  });

  it('leaves blank fields to the helper', () => {
    expect(
      parseLaunchForm({ name: '', cpus: '', memory: '', disk: '', userData: '', timeout: '' }, tiny).params,
    ).toEqual({ image: 'tiny' });
  });

  it('says what is wrong beside the field, in the words of the contract', () => {
    const { errors, params } = parseLaunchForm(
      { ...fields, name: 'Web', cpus: 'two', memory: '1M', disk: 'much', timeout: '1' },
      tiny,
    );
    expect(params).toBeUndefined();
    expect(errors.name).toMatch(/begin with a letter/);
    expect(errors.cpus).toBe('write a whole number');
    expect(errors.memory).toBe('at least 128 MiB');
    expect(errors.disk).toBe('write a size such as 512M or 2G');
    expect(errors.timeout).toBe('at least 5');
  });

  it('refuses less than the image needs', () => {
    const entry = { ...tiny, minMemoryBytes: 512 * mebibyte };
    expect(parseLaunchForm({ ...fields, memory: '256M' }, entry).errors.memory).toBe(
      'This image needs at least 512 MiB.',
    );
  });

  it('warns of more than the computer has', () => {
    const { system } = snapshotOf('b', []);
    const running = instance('db', { memoryBytes: 7 * 1024 * mebibyte });
    const advice = adviceFor({ cpus: 4, memoryBytes: 2048 * mebibyte }, system, [running]);
    expect(advice.cpus?.isWarning).toBe(true);
    expect(advice.memory?.isWarning).toBe(true);
    expect(
      adviceFor({ cpus: 1, memoryBytes: 512 * mebibyte }, system, [
        instance('db', { state: 'stopped', memoryBytes: 7 * 1024 * mebibyte }),
      ]).memory?.isWarning,
    ).toBe(false);
  });

  it('looks at cloud-init user data before the helper does', () => {
    expect(checkUserData('')).toBeUndefined();
    expect(checkUserData('#cloud-config\npackages: [git]\n')).toBeUndefined();
    expect(checkUserData('packages: [git]')).toMatch(/first line/);
    expect(checkUserData('#cloud-config\nusers:\n\t- x')).toMatch(/Line 3 .*tab/);
  });

  it('sends a document as the bytes it is, typed or from a file', () => {
    const sent = (more: Partial<LaunchFields>): Buffer =>
      Buffer.from(parseLaunchForm({ ...fields, ...more }, tiny).params?.userDataBase64 ?? '', 'base64');
    expect(sent({ userData: '#cloud-config\nhostname: \u00e9\n' }).toString()).toBe(
      '#cloud-config\nhostname: \u00e9\n',
    );
    const bytes = Uint8Array.of(0x1f, 0x8b, 0, 0xff, 0x0d, 0x0a);
    expect(sent({ userDataFile: { name: 'packed.gz', bytes, notes: [] } })).toEqual(Buffer.from(bytes));
    expect(checkUserData(bytes)).toBeUndefined();
    const long = parseLaunchForm(
      { ...fields, userDataFile: { name: 'long', bytes: new Uint8Array(largestUserDataBytes + 1024), notes: [] } },
      tiny,
    );
    expect(long.errors.userData).toBe('at most 512 KiB');
  });

  it('shows the same launch as a command', () => {
    const { params } = parseLaunchForm({ ...fields, userData: '#cloud-config\n' }, tiny);
    expect(launchLine({ ...params!, hasUserData: true })).toBe(
      'berth launch tiny --name web --cpus 2 --memory 1G --disk 5G --cloud-init user-data.yaml',
    );
    expect(actionLine('force-stop', ['a', 'b'])).toBe('berth stop --force a b');
  });
});

describe('import form', () => {
  it('suggests format and alias from the file', () => {
    expect(suggestFrom('/home/me/My Debian_12.QCOW2')).toEqual({ format: 'qcow2', alias: 'my-debian_12' });
    expect(suggestFrom('/tmp/disk.raw')).toEqual({ format: 'raw', alias: 'disk' });
  });

  it('has no error for a blank field but sends nothing either', () => {
    const blank = { path: '', format: 'qcow2', packing: 'none', alias: '', defaultUser: 'ubuntu', digest: '' } as const;
    expect(parseImportForm(blank)).toEqual({ errors: {} });
    expect(parseImportForm({ ...blank, path: 'relative', alias: 'x', digest: 'ab' }).errors).toMatchObject({
      path: 'an absolute path',
      digest: expect.stringMatching(/64/),
    });
    expect(parseImportForm({ ...blank, path: '/a.qcow2', alias: 'x' }).params).toMatchObject({
      path: '/a.qcow2',
      defaultUser: 'ubuntu',
    });
  });

  it('takes either digest of an image that is fetched, and a sha256 of a file', () => {
    const typed = {
      path: 'https://example.org/a.qcow2',
      format: 'qcow2',
      packing: 'none',
      alias: 'x',
      defaultUser: 'ubuntu',
    } as const;
    expect(parseImportForm({ ...typed, digest: 'A'.repeat(128) }).params).toMatchObject({
      url: typed.path,
      sha512: 'a'.repeat(128),
    });
    expect(parseImportForm({ ...typed, digest: 'b'.repeat(64) }).params).toMatchObject({ sha256: 'b'.repeat(64) });
    expect(parseImportForm({ ...typed, path: '/a.qcow2', digest: 'a'.repeat(128) }).errors).toMatchObject({
      digest: expect.stringMatching(/64/),
    });
  });

  it('follows the path with its suggestions until an alias was given', () => {
    const blank = { path: '', format: 'qcow2', packing: 'none', alias: '', defaultUser: 'ubuntu', digest: '' } as const;
    const first = withPath(blank, 'https://example.org/cloud/Disk.raw.xz?token=1');
    expect(first).toMatchObject({ alias: 'disk', format: 'raw', packing: 'xz' });
    expect(withPath(first, '/tmp/other.vmdk')).toMatchObject({ alias: 'other', format: 'vmdk', packing: 'none' });
    expect(withPath({ ...first, alias: 'mine' }, '/tmp/other.vmdk')).toMatchObject({
      alias: 'mine',
      format: 'raw',
      path: '/tmp/other.vmdk',
    });
  });
});

describe('settings form', () => {
  const set = {
    cpus: 2,
    memoryBytes: 1024 * mebibyte,
    diskBytes: 5120 * mebibyte,
    description: '',
    tags: ['a'],
    isProtected: false,
  };

  it('sends what is another value than what is set, and nothing else', () => {
    const draft = { cpus: '2', memoryBytes: '1.5G', description: ' mine ', tags: 'a,  b', isProtected: 'true' };
    const { changes, errors } = parseSettings(draft, set);
    expect(errors).toEqual({});
    expect(changes).toEqual({
      memoryBytes: 1536 * mebibyte,
      description: 'mine',
      tags: ['a', 'b'],
      isProtected: true,
    });
    expect(setLine('web', changes)).toBe('berth set web memory=1536M description=mine tags=a,b protected=yes');
    expect(setLine('web', { description: "it's", tags: [] })).toBe(`berth set web 'description=it'\\''s' tags=`);
  });

  it('says beside each field what is wrong with it', () => {
    const draft = { cpus: '', memoryBytes: '1M', diskBytes: '4G', tags: 'a a', description: 'x'.repeat(501) };
    expect(parseSettings(draft, set)).toEqual({
      changes: {},
      errors: {
        cpus: 'write a whole number',
        memoryBytes: 'at least 128 MiB',
        diskBytes: 'A disk cannot be made smaller. It has 5 GiB.',
        tags: 'each tag once',
        description: 'at most 500',
      },
    });
  });
});
