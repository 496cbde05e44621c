// SPDX-License-Identifier: MIT
import { Ban, Boxes, CirclePlay, Cpu, EthernetPort, FileText, HardDrive, Image, Infinity as Endless, KeyRound, MemoryStick, MonitorCog, PackageCheck, Usb } from 'lucide-react';
import type { AccessEntry } from '#contract/security.ts';
import { shortFingerprint } from '../../../lib/format.ts';
import { Button } from '../../../ui/Button.tsx';
import { Section } from '../../../ui/Screen.tsx';
import { securityStrings } from './strings.ts';
import { touchGroups, type TouchGroup } from './touch-groups.ts';
import styles from './SecurityTab.module.css';

const strings = securityStrings.touch;

const icons: Readonly<Record<TouchGroup['id'], typeof HardDrive>> = {
  disk: HardDrive, image: Image, start: CirclePlay, program: PackageCheck, network: EthernetPort, processor: Cpu, basics: Endless, control: MonitorCog, log: FileText,
  memory: MemoryStick, device: Usb, passthrough: Boxes, granted: KeyRound,
};

/** All of this computer that the machine can touch, for people who never heard of a profile; the paths are there for those who did. */
export function TouchList({ access, onTakeBack }: { readonly access: readonly AccessEntry[]; readonly onTakeBack: (path: string) => void }) {
  return (
    <Section title={strings.title}>
      <p className={styles.intro}>{strings.text}</p>
      <ul className={styles.touch} data-testid="touch-list">
        {touchGroups(access).map(({ id, mode, what }) => {
          const Icon = icons[id];
          const [title, meaning] = strings.groups[id];
          return (
            <li key={`${id} ${mode}`} data-testid={`touch-${id}`}>
              <Icon size={18} aria-hidden="true" />
              <h3>{title}</h3>
              <span className={mode === 'rw' ? styles.writes : styles.reads}>{strings.modes[mode]}</span>
              <p>{meaning}</p>
              {id === 'granted'
                ? what.map((path) => <div key={path} className={styles.given}><code>{path}</code><Button size="small" onPress={() => onTakeBack(path)} aria-label={strings.takeBackOf(path)} data-testid="take-back">{strings.takeBack}</Button></div>)
                : <div className={styles.paths}>{what.map((path) => <code key={path} title={path}>{shortPath(path)}</code>)}</div>}
            </li>
          );
        })}
        <li className={styles.nothing}>
          <Ban size={18} aria-hidden="true" />
          <h3>{strings.nothingElse}</h3>
          <p>{strings.nothingElseText}</p>
        </li>
      </ul>
    </Section>
  );
}

/** Digests as they are shown elsewhere; the whole path is in the tooltip. */
function shortPath(path: string): string {
  return path.replace(/[0-9a-f]{64}/, (digest) => `${shortFingerprint(digest)}…`);
}
