// SPDX-License-Identifier: MIT
import type { HelperConnection } from '../../client/helper-connection.ts';
import { kept } from './kept-state.ts';

/** All that a user decided or was told, without times: equal texts are equal states. */
export async function picture(client: HelperConnection): Promise<string> {
  const lines: string[] = [];
  for (const { name, state, isOwn } of await client.request('instances.list', {})) {
    lines.push(`${name} ${state}`);
    if (state === 'broken' || !isOwn) continue;
    const { settings } = await client.request('instances.security', { name });
    lines.push(
      `${name} ${JSON.stringify({ ...settings, grants: settings.grants.map(({ path, mode }) => `${path} ${mode}`) })}`,
    );
    for (const { source, target } of await client.request('mounts.list', { name }))
      lines.push(`${name} ${source} ${target}`);
    if (name === kept)
      for (const { id, decision } of (await client.request('denials.list', { name })).denials)
        lines.push(`${name} ${id} ${decision?.choice}`);
  }
  for (const { fingerprint, aliases, isPinned } of await client.request('images.list', {}))
    lines.push(`${fingerprint} ${aliases.join(' ')} ${isPinned === true}`);
  lines.push(JSON.stringify(await client.request('images.settings', {})));
  return lines.sort().join('\n');
}
