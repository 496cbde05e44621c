// SPDX-License-Identifier: MIT
import { runStep, type BuildContext } from './build-step.ts';
import { debianRelease, findPackageSources } from './package-sources.ts';

interface BootstrapOptions {
  readonly directory: string;
  /** `extract` unpacks the packages and runs nothing of them; `minbase` installs a system. */
  readonly variant: 'extract' | 'minbase';
  readonly packages: readonly string[];
  readonly excluded: readonly string[];
  readonly included?: readonly string[];
  /** Directories copied to the new system's /etc before the packages beyond the essential ones come. */
  readonly copiedEarly?: readonly string[];
  /** Where in the whole build this step begins and ends, 0 to 1. */
  readonly from: number;
  readonly to: number;
}

/** Puts Debian packages into a directory with mmdebstrap(1), from the mirror that this computer uses. */
export async function bootstrap(context: BuildContext, options: BootstrapOptions): Promise<void> {
  const sources = await findPackageSources(context);
  const args = [
    `--variant=${options.variant}`,
    '--mode=root',
    '--format=directory',
    '--architectures=amd64',
    '--skip=check/empty,cleanup/reproducible',
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Retries "3"',
    '--dpkgopt=force-unsafe-io',
    ...options.excluded.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    ...(options.included ?? []).map((pattern) => `--dpkgopt=path-include=${pattern}`),
    ...(options.copiedEarly ?? []).map((directory) => `--essential-hook=copy-in "${directory}" /etc`),
    `--include=${options.packages.join(',')}`,
    debianRelease,
    options.directory,
    ...(sources === undefined ? [] : ['-']),
  ];
  context.report({ step: 'packages', fraction: options.from });
  await runStep(context, 'mmdebstrap', args, sources === undefined ? {} : { input: sources });
  context.report({ step: 'packages', fraction: options.to });
}
