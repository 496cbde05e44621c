// SPDX-License-Identifier: MIT
import path from 'node:path';
import type { Accelerator } from '#contract/instances.ts';
import { storageError } from '../../core/errors.ts';
import type { HypervisorCapabilities } from '../../core/seams/hypervisor.ts';
import type { ProcessRunner } from '../../core/seams/processes.ts';
import { makeDirectory } from '../../posix/make-directory.ts';
import { readDocument, writeDocument } from '../../store/document.ts';
import type { Files } from '../../store/files.ts';
import { hostBootId } from '../../process/proc-fs.ts';
import { qemuProgram } from '../machine-types.ts';
import { kvmProbeDocument } from './kvm-probe-document.ts';
import { probeKvm, type KvmAnswer } from './kvm-probe.ts';

interface AcceleratorsOptions {
  readonly runner: ProcessRunner;
  readonly files: Files;
  readonly assetsDirectory: string;
  readonly accelerator: Accelerator | 'auto';
}

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
    // never asked, or not ours to understand: asked again, which costs seconds at most
    const known = await readDocument(kvmProbeDocument, file).catch(() => undefined);
    if (known?.hostBootId === bootId && known.qemuVersion === qemuVersion) return known;
    const answer = await probeKvm(this.#options.runner, this.#options.assetsDirectory, new AbortController().signal);
    try {
      await makeDirectory(path.dirname(file), 0o755);
      await writeDocument(kvmProbeDocument, file, { schema: 1, hostBootId: bootId, qemuVersion, ...answer });
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
