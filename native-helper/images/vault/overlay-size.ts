// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { sentence } from '#messages/say.ts';
import { AppArmor } from '../../confinement/apparmor.ts';
import { qemuImgProfile } from '../../confinement/profiles/qemu-img.ts';
import { HelperError } from '../../core/errors.ts';
import type { Credentials, ProcessRunner } from '../../core/seams/processes.ts';
import { openRegular } from '../../posix/open-regular.ts';
import { locateProgram } from '../../process/programs.ts';
import { virtualBytesOf } from '../convert/qcow2-header.ts';

export interface Overlay {
  readonly path: string;
  /** The user its machine runs as. */
  readonly owner: Credentials;
}

interface GrowServices {
  readonly runner: ProcessRunner;
  readonly files: { readonly profiles: string };
}

const headBytes = 32;
const growTimeoutMs = 60_000;
const profileRemovalMs = 10_000;
/** The tables of the largest disk have 256 MiB. */
const growLimits = { memoryBytes: 2 * 1024 ** 3, cpuSeconds: 60 };

/**
 * The virtual size that stands in the overlay. Its machine could write there whatever it likes: not to be believed for
 * more than what was asked of us.
 *
 * @throws HelperError storage.failed where there is no overlay
 */
export async function overlayBytes({ path, owner }: Overlay): Promise<number> {
  await using file = await openRegular(path, { owner: owner.uid, mustBeSingle: true });
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
  const bytes = virtualBytesOf(buffer.subarray(0, bytesRead));
  if (bytes === undefined)
    throw new HelperError('storage.failed', { action: 'read', path, reason: sentence('image.no-qcow2') });
  return bytes;
}

/**
 * Makes the overlay of a machine that does not run larger, durably; what it stands on is not looked at. By qemu-img as
 * the machine's user, who may do nothing here that its machine may not: what stands in the file is the machine's.
 *
 * @throws HelperError process.failed: it is as large as before, or as asked for
 */
export async function growOverlay(
  { path, owner }: Overlay,
  sizeBytes: number,
  { runner, files }: GrowServices,
  signal: AbortSignal,
): Promise<void> {
  const appArmor = new AppArmor(runner, files.profiles);
  const profile = qemuImgProfile({
    id: `grow-${randomBytes(4).toString('hex')}`,
    program: await locateProgram('qemu-img'),
    inputs: [],
    outputs: [path],
  });
  const disk = { driver: 'qcow2', file: { driver: 'file', filename: path }, backing: null };
  try {
    await runner.run(
      {
        program: 'qemu-img',
        args: ['resize', '-q', `json:${JSON.stringify(disk)}`, String(sizeBytes)],
        runAs: owner,
        endsWithHelper: true,
        cwd: '/',
        confinement: { profile: await appArmor.prepare(profile, signal), limits: growLimits },
      },
      { signal, timeoutMs: growTimeoutMs },
    );
  } finally {
    await appArmor.remove(profile.name, AbortSignal.timeout(profileRemovalMs)); // qemu-img has ended by now
  }
}
