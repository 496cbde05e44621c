// SPDX-License-Identifier: MIT
import { imagesAddress, instanceAddress, launchAddress } from '../../lib/addresses.ts';
import { keyOf, type HostInstance } from '#contract/host-keys.ts';
import type { HostId } from '#contract/hosts.ts';
import { verbs } from '#contract/verbs.ts';
import { actionLine, actionsOf, labelOf, verbOf } from '../../lib/instance-actions.ts';
import { act, chooseTheme } from '../../store/commands.ts';
import { chooseAndCopyIn, chooseAndShare } from '../../store/copies.ts';
import { setView } from '../../store/index.ts';
import { paletteStrings as strings } from './strings.ts';

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
    go('launch', strings.launch, launchAddress(host), 'berth launch IMAGE'),
    ...instances.flatMap((instance) => entriesOf(instance, go)),
    go('instances', strings.goTo(strings.screens.instances), '/', 'berth list'),
    go('images', strings.goTo(strings.screens.images), imagesAddress(host), 'berth images list'),
    go('activity', strings.goTo(strings.screens.activity), '/activity'),
    go('settings', strings.goTo(strings.screens.settings), '/settings', 'berth version'),
    go('doctor', strings.doctor, '/settings', 'berth doctor'),
    ...(['system', 'light', 'dark'] as const).map((theme) => ({
      id: `theme-${theme}`,
      label: strings.theme(theme),
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
          go(`open-${key}`, strings.open(name), instanceAddress(key), `berth info ${name}`),
          go(`console-${key}`, strings.console(name), instanceAddress(key, 'console'), `berth console ${name}`),
          go(`security-${key}`, strings.security(name), instanceAddress(key, 'security'), `berth denials ${name}`),
          go(`shell-${key}`, strings.shell(name), instanceAddress(key, 'shell'), `berth shell ${name}`),
        ];
  const sharing =
    !instance.isOwn || instance.state === 'deleted' || instance.state === 'broken'
      ? []
      : [
          {
            id: `share-${key}`,
            label: strings.share(name),
            line: `berth mount FOLDER ${name}`,
            run: () => void chooseAndShare(key),
          },
          ...(instance.state === 'running'
            ? [
                {
                  id: `copy-in-${key}`,
                  label: strings.copyIn(name),
                  line: `berth transfer FILE ${name}:`,
                  run: () => void chooseAndCopyIn(key),
                },
                {
                  id: `copy-out-${key}`,
                  label: strings.copyOut(name),
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
      label: `${labelOf(action)} ${name}`,
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
