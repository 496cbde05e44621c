// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import { imagesAddress, instanceAddress, launchAddress } from '../../lib/addresses.ts';
import { keyOf, type HostInstance } from '#contract/host-keys.ts';
import type { HostId } from '#contract/hosts.ts';
import { verbs } from '#contract/verbs.ts';
import { actionLine, actionsOf, labelOf, verbOf } from '../../lib/instance-actions.ts';
import { act, chooseTheme } from '../../store/commands.ts';
import { chooseAndCopyIn, chooseAndShare } from '../../store/copies.ts';
import { setView } from '../../store/index.ts';

export interface PaletteEntry {
  readonly id: string;
  readonly label: string;
  /** The equal command line. */
  readonly line?: string;
  readonly run: () => void;
}

/**
 * Everything that can be done now; what is made new, on `host`. Deleting for good is left out: it asks first, on its
 * screen.
 */
export function paletteEntries(
  host: HostId,
  instances: readonly HostInstance[],
  navigate: (path: string) => void,
): readonly PaletteEntry[] {
  const go = (id: string, label: string, path: string, line?: string): PaletteEntry => ({
    id,
    label,
    run: () => navigate(path),
    ...(line === undefined ? {} : { line }),
  });
  return [
    go('launch', say('palette.launch'), launchAddress(host), 'berth launch IMAGE'),
    ...instances.flatMap((instance) => entriesOf(instance, go)),
    go('instances', say('palette.go-to', { screen: say('common.screen-instances') }), '/', 'berth list'),
    go(
      'images',
      say('palette.go-to', { screen: say('common.screen-images') }),
      imagesAddress(host),
      'berth images list',
    ),
    go('activity', say('palette.go-to', { screen: say('common.screen-activity') }), '/activity'),
    go('settings', say('palette.go-to', { screen: say('common.screen-settings') }), '/settings', 'berth version'),
    go('doctor', say('palette.doctor'), '/settings', 'berth doctor'),
    ...(['system', 'light', 'dark'] as const).map((theme) => ({
      id: `theme-${theme}`,
      label: say(`palette.theme-${theme}`),
      run: () => void chooseTheme(theme),
    })),
  ];
}

function entriesOf(
  instance: HostInstance,
  go: (id: string, label: string, path: string, line?: string) => PaletteEntry,
): readonly PaletteEntry[] {
  const { name } = instance;
  const key = keyOf(instance);
  const visits =
    instance.state === 'deleted'
      ? []
      : [
          go(`open-${key}`, say('palette.open', { name }), instanceAddress(key), `berth info ${name}`),
          go(
            `console-${key}`,
            say('palette.console', { name }),
            instanceAddress(key, 'console'),
            `berth console ${name}`,
          ),
          go(
            `security-${key}`,
            say('palette.security', { name }),
            instanceAddress(key, 'security'),
            `berth denials ${name}`,
          ),
          go(`shell-${key}`, say('palette.shell', { name }), instanceAddress(key, 'shell'), `berth shell ${name}`),
        ];
  const sharing =
    !instance.isOwn || instance.state === 'deleted' || instance.state === 'broken'
      ? []
      : [
          {
            id: `share-${key}`,
            label: say('palette.share', { name }),
            line: `berth mount FOLDER ${name}`,
            run: () => void chooseAndShare(key),
          },
          ...(instance.state === 'running'
            ? [
                {
                  id: `copy-in-${key}`,
                  label: say('palette.copy-in', { name }),
                  line: `berth transfer FILE ${name}:`,
                  run: () => void chooseAndCopyIn(key),
                },
                {
                  id: `copy-out-${key}`,
                  label: say('palette.copy-out', { name }),
                  line: `berth transfer ${name}:FILE .`,
                  run: () => setView({ copyOutOf: key }),
                },
              ]
            : []),
        ];
  const actions = [...actionsOf(instance)]
    .filter((action) => verbs[verbOf(action)].isFinal !== true)
    .map((action) => ({
      id: `${action}-${key}`,
      label: say('palette.action', { action: labelOf(action), name }),
      line: actionLine(action, [name]),
      run: () => void act(action, key),
    }));
  return [...visits, ...sharing, ...actions];
}

/** Entries that hold every word of the search, those that begin with it first; at most 50. */
export function matchEntries(entries: readonly PaletteEntry[], search: string): readonly PaletteEntry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (entry: PaletteEntry): string => `${entry.label} ${entry.line ?? ''}`.toLowerCase();
  const rank = (entry: PaletteEntry): number => (entry.label.toLowerCase().startsWith(words[0] ?? '') ? 0 : 1);
  const found = entries.filter((entry) => words.every((word) => text(entry).includes(word)));
  return (words.length === 0 ? found : found.sort((a, b) => rank(a) - rank(b))).slice(0, 50);
}
