// SPDX-License-Identifier: MIT
import type { Accelerator } from '#contract/instances.ts';
import type { HypervisorCapabilities, ProcessRunner } from '../../core/ports.ts';
import type { Files } from '../../store/files.ts';

export interface AcceleratorsOptions {
  readonly runner: ProcessRunner;
  readonly files: Files;
  readonly assetsDirectory: string;
  readonly accelerator: Accelerator | 'auto';
}

/** Says whether machines run on the processor itself or are emulated, and why. */
export class Accelerators {
  readonly #options: AcceleratorsOptions;

  constructor(options: AcceleratorsOptions) {
    this.#options = options;
  }

  async capabilities(signal: AbortSignal): Promise<HypervisorCapabilities> {
    const { stdout } = await this.#options.runner.run({ program: 'qemu-system-x86_64', args: ['--version'] }, { signal, timeoutMs: 10_000 });
    const qemuVersion = /version (\S+)/.exec(stdout)?.[1] ?? 'unknown';
    return { accelerator: this.#options.accelerator === 'kvm' ? 'kvm' : 'tcg', acceleratorReason: 'chosen in the configuration', qemuVersion };
  }
}
