// SPDX-License-Identifier: MIT
import path from 'node:path';
import { z } from 'zod';
import type { Accelerator } from '#contract/instances.ts';
import { storageError } from '../../core/errors.ts';
import type { HypervisorCapabilities } from '../../core/seams/hypervisor.ts';
import type { ProcessRunner } from '../../core/seams/processes.ts';
import { makeDirectory } from '../../posix/make-directory.ts';
import { writeDurably } from '../../store/durable.ts';
import type { Files } from '../../store/files.ts';
import { readStateFile } from '../../store/read-state-file.ts';
import { hostBootId } from '../../process/proc-fs.ts';
import { qemuProgram } from '../machine-types.ts';
import { probeKvm, type KvmAnswer } from './kvm-probe.ts';

interface AcceleratorsOptions {
  readonly runner: ProcessRunner;
  readonly files: Files;
  readonly assetsDirectory: string;
  readonly accelerator: Accelerator | 'auto';
}

const remembered = z.object({
  schema: z.literal(1),
  hostBootId: z.string(),
  qemuVersion: z.string(),
  isUsable: z.boolean(),
  reason: z.string(),
});

/** Says whether machines run on the processor itself or are emulated, and why. */
export class Accelerators {
  readonly #options: AcceleratorsOptions;
  #answer: Promise<HypervisorCapabilities> | undefined;

  constructor(options: AcceleratorsOptions) {
    this.#options = options;
  }

  /** The probe runs once; whoever asks meanwhile waits for the same one. A failed one is not kept. */
  async capabilities(signal: AbortSignal): Promise<HypervisorCapabilities> {
    signal.throwIfAborted();
    this.#answer ??= this.#find().catch((error: unknown) => {
      this.#answer = undefined;
      throw error;
    });
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([this.#answer, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #find(): Promise<HypervisorCapabilities> {
    const qemuVersion = await this.#qemuVersion();
    const { accelerator } = this.#options;
    if (accelerator !== 'auto') return { accelerator, acceleratorReason: 'chosen in the configuration', qemuVersion };
    if (process.arch !== 'x64')
      return { accelerator: 'tcg', acceleratorReason: 'KVM is used on x86-64 only so far', qemuVersion };
    const { isUsable, reason } = await this.#kvm(qemuVersion);
    return { accelerator: isUsable ? 'kvm' : 'tcg', acceleratorReason: reason, qemuVersion };
  }

  /** A host that restarts may have another kernel or other settings, and an update of QEMU may mend or break it. */
  async #kvm(qemuVersion: string): Promise<KvmAnswer> {
    const file = this.#options.files.kvmProbe;
    const bootId = await hostBootId();
    const known = await recall(file);
    if (known?.hostBootId === bootId && known.qemuVersion === qemuVersion) return known;
    const answer = await probeKvm(this.#options.runner, this.#options.assetsDirectory, new AbortController().signal);
    try {
      await makeDirectory(path.dirname(file), 0o755);
      await writeDurably(file, JSON.stringify({ schema: 1, hostBootId: bootId, qemuVersion, ...answer }));
    } catch (error) {
      throw storageError('write', file, error);
    }
    return answer;
  }

  async #qemuVersion(): Promise<string> {
    const program = qemuProgram(process.arch === 'arm64' ? 'aarch64' : 'x86_64');
    const { stdout } = await this.#options.runner.run(
      { program, args: ['--version'], confinement: 'none-needed' },
      { signal: AbortSignal.timeout(10_000) },
    );
    return /version (\S+)/.exec(stdout)?.[1] ?? 'unknown';
  }
}

async function recall(file: string): Promise<z.infer<typeof remembered> | undefined> {
  try {
    return remembered.parse(JSON.parse((await readStateFile(file)) ?? 'null'));
  } catch {
    return undefined; // never asked, or not ours to understand: asked again, which costs seconds at most
  }
}
