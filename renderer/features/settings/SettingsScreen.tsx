// SPDX-License-Identifier: MIT
import type { ReactNode } from 'react';
import { say } from '#messages/say.ts';
import { useHostPart } from '../../store/current-host.ts';
import { chooseTheme } from '../../store/commands.ts';
import { useBerth } from '../../store/index.ts';
import { formatBytes } from '../../lib/format.ts';
import { KeyValue } from '../../ui/KeyValue.tsx';
import { Screen, Section } from '../../ui/Screen.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { HostSection } from './HostSection.tsx';
import { wordIn } from '../../lib/later-words.ts';

const shortcuts = ['palette', 'launch', 'search', 'list', 'delete', 'clipboard', 'find', 'text-size'] as const;

/** Appearance, what is installed, and what this computer can do. */
export function SettingsScreen({ sources }: { readonly sources?: ReactNode }) {
  const theme = useBerth((state) => state.theme);
  const system = useHostPart((part) => part.system);
  const link = useHostPart((part) => part.link);
  const { appVersion, electronVersion } = window.berth.platform;
  return (
    <Screen title={say('common.screen-settings')}>
      <Section title={say('settings.appearance')}>
        <Segments
          label={say('settings.theme')}
          value={theme}
          onChange={(next) => void chooseTheme(next)}
          options={[
            { value: 'system', label: say('settings.theme-system') },
            { value: 'light', label: say('settings.theme-light') },
            { value: 'dark', label: say('settings.theme-dark') },
          ]}
        />
      </Section>
      <HostSection />
      {sources}
      <Section title={say('settings.versions')}>
        <KeyValue
          facts={[
            { label: say('settings.window'), value: appVersion },
            { label: say('settings.electron'), value: electronVersion },
            { label: say('settings.helper'), value: system?.version ?? '—' },
            { label: say('settings.protocol'), value: system === undefined ? undefined : String(system.protocol) },
            { label: say('settings.qemu'), value: system?.qemuVersion },
            {
              label: say('settings.accelerator'),
              value: system?.accelerator === undefined ? undefined : wordIn('settings.accelerator', system.accelerator),
            },
            {
              label: say('settings.host'),
              value:
                system === undefined
                  ? undefined
                  : say('settings.host-of', {
                      architecture: system.architecture,
                      count: system.hostCpus,
                      memory: formatBytes(system.hostMemoryBytes),
                    }),
            },
            {
              label: say('settings.free'),
              value: system === undefined ? undefined : formatBytes(system.freeDiskBytes),
            },
            { label: say('settings.pid'), value: system === undefined ? undefined : String(system.pid) },
            { label: say('settings.socket'), value: link.state === 'down' ? <code>{link.path}</code> : undefined },
          ]}
        />
      </Section>
      <Section title={say('settings.keys')}>
        <KeyValue
          isWide
          facts={shortcuts.map((each) => ({
            label: say(`settings.keys-${each}`),
            value: say(`settings.shortcut-${each}`),
          }))}
        />
      </Section>
    </Screen>
  );
}
