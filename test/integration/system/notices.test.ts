// SPDX-License-Identifier: MIT
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { nodeNotices, root } from '../../../scripts/lib/paths.ts';

const dist = path.dirname(nodeNotices);
const maps = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.mjs.map'));

/** The source maps know too whose code is in the bundles. */
it.each(maps)('whoever has code in %s has a notice', (map) => {
  const { sources } = JSON.parse(readFileSync(path.join(dist, map), 'utf8')) as { readonly sources: readonly string[] };
  const packages = new Set(
    sources.flatMap((source) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []),
  );
  const notices = readFileSync(nodeNotices, 'utf8');
  for (const name of packages) {
    const { version } = JSON.parse(readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    expect(notices).toContain(`\n${name} ${version} (`);
  }
});

it('the packages that lie beside the bundles have one too', () => {
  expect(readFileSync(nodeNotices, 'utf8')).toMatch(/\nkoffi \d/);
  expect(maps.length).toBeGreaterThan(8);
});
