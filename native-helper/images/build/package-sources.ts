// SPDX-License-Identifier: MIT
import { runStep, type BuildContext } from './build-step.ts';

/** The Debian release that both images are made of. */
export const debianRelease = 'bookworm';

/**
 * Where this computer itself gets packages of that release, as lines for mmdebstrap; undefined
 * where it is no such Debian, and mmdebstrap's own default mirror is right.
 */
export async function findPackageSources(context: BuildContext): Promise<string | undefined> {
  const output = await runStep(context, 'apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(RELEASE) $(COMPONENT)',
    'Created-By: Packages',
  ]);
  return toSourceLines(output);
}

/** Pure part of {@link findPackageSources}: lines of URI, release and component. */
export function toSourceLines(indexTargets: string): string | undefined {
  const lines = new Set<string>();
  for (const line of indexTargets.split('\n')) {
    const [uri, release, component] = line.trim().split(' ');
    if (uri === undefined || component === undefined) continue;
    if (release === debianRelease || release?.startsWith(`${debianRelease}-`))
      lines.add(`deb ${uri} ${release} ${component}`);
  }
  return [...lines].some((line) => line.includes(` ${debianRelease} `)) ? `${[...lines].join('\n')}\n` : undefined;
}
