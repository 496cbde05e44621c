// SPDX-License-Identifier: MIT
import type { ReactNode } from 'react';
import { useHostPart } from '../../store/current-host.ts';
import { chooseTheme } from '../../store/commands.ts';
import { useBerth } from '../../store/index.ts';
import { countOf, formatBytes } from '../../lib/format.ts';
import { KeyValue } from '../../ui/KeyValue.tsx';
import { Screen, Section } from '../../ui/Screen.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { HostSection } from './HostSection.tsx';
import { settingsStrings as strings } from './strings.ts';
import { wordIn } from '../../lib/later-words.ts';

/** Appearance, what is installed, and what this computer can do. */
export function SettingsScreen({ sources }: { readonly sources?: ReactNode }) {
  const theme = useBerth((state) => state.theme);
  const system = useHostPart((part) => part.system);
  const link = useHostPart((part) => part.link);
  const { appVersion, electronVersion } = window.berth.platform;
  return (
    <Screen title={strings.title}>
      <Section title={strings.appearance}>
        <Segments
          label={strings.theme}
          value={theme}
          onChange={(next) => void chooseTheme(next)}
          options={[
            { value: 'system', label: strings.themes.system },
            { value: 'light', label: strings.themes.light },
            { value: 'dark', label: strings.themes.dark },
          ]}
        />
      </Section>
      <HostSection />
      {sources}
      <Section title={strings.versions}>
        <KeyValue
          facts={[
            { label: strings.window, value: appVersion },
            { label: strings.electron, value: electronVersion },
            { label: strings.helper, value: system?.version ?? '—' },
            { label: strings.protocol, value: system === undefined ? undefined : String(system.protocol) },
            { label: strings.qemu, value: system?.qemuVersion },
            {
              label: strings.accelerator,
              value:
                system?.accelerator === undefined
                  ? undefined
                  : wordIn({ kvm: strings.kvm, tcg: strings.tcg }, system.accelerator),
            },
            {
              label: strings.host,
              value:
                system === undefined
                  ? undefined
                  : `${system.architecture}, ${countOf(system.hostCpus, 'CPU', 'CPUs')}, ${formatBytes(system.hostMemoryBytes)} memory`,
            },
            { label: strings.free, value: system === undefined ? undefined : formatBytes(system.freeDiskBytes) },
            { label: strings.pid, value: system === undefined ? undefined : String(system.pid) },
            { label: strings.socket, value: link.state === 'down' ? <code>{link.path}</code> : undefined },
          ]}
        />
      </Section>
      <Section title={strings.keys}>
        <KeyValue isWide facts={strings.shortcuts.map(([keys, effect]) => ({ label: keys, value: effect }))} />
      </Section>
    </Screen>
  );
}
