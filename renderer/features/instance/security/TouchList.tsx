// SPDX-License-Identifier: MIT
import {
  Ban,
  Boxes,
  CirclePlay,
  Cpu,
  EthernetPort,
  FileText,
  HardDrive,
  Image,
  Infinity as Endless,
  KeyRound,
  MemoryStick,
  MonitorCog,
  PackageCheck,
  Usb,
  Users,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { AccessEntry } from '#contract/security.ts';
import { say } from '#messages/say.ts';
import { wordIn } from '../../../lib/later-words.ts';
import { shortFingerprint } from '../../../lib/format.ts';
import { Button } from '../../../ui/Button.tsx';
import { Section } from '../../../ui/Screen.tsx';
import { touchGroups, type TouchGroup } from './touch-groups.ts';
import styles from './SecurityTab.module.css';

const icons: Readonly<Record<TouchGroup['id'], typeof HardDrive>> = {
  disk: HardDrive,
  image: Image,
  start: CirclePlay,
  program: PackageCheck,
  network: EthernetPort,
  processor: Cpu,
  basics: Endless,
  control: MonitorCog,
  log: FileText,
  memory: MemoryStick,
  device: Usb,
  passthrough: Boxes,
  granted: KeyRound,
};

interface TouchListProps {
  readonly access: readonly AccessEntry[];
  /** Whether the kernel refuses every file that is not listed. */
  readonly isListInForce: boolean;
  readonly onTakeBack: (path: string) => void;
}

/**
 * All of this computer that the machine can touch, for people who never heard of a profile; the paths are there for
 * those who did.
 */
export function TouchList({ access, isListInForce, onTakeBack }: TouchListProps) {
  return (
    <Section title={say('security.touch-title')}>
      <p className={styles.intro}>
        {isListInForce ? say('security.touch-text') : say('security.touch-text-without-list')}
      </p>
      <ul className={styles.touch} data-testid="touch-list">
        {touchGroups(access).map(({ id, mode, what }) => {
          const Icon = icons[id];
          return (
            <li key={`${id} ${mode}`} data-testid={`touch-${id}`}>
              <Icon size={18} aria-hidden="true" />
              <h3>{say(`security.group-${id}`)}</h3>
              <span className={mode === 'rw' ? styles.writes : styles.reads}>
                {wordIn('security.touch-mode', mode)}
              </span>
              <p>{say(`security.group-text-${id}`)}</p>
              {id === 'granted' ? (
                what.map((path) => (
                  <div key={path} className={styles.given}>
                    <code>{path}</code>
                    <Button
                      size="small"
                      onPress={() => onTakeBack(path)}
                      aria-label={say('security.touch-take-back-of', { path })}
                      data-testid="take-back"
                    >
                      {say('security.touch-take-back')}
                    </Button>
                  </div>
                ))
              ) : (
                <div className={styles.paths}>
                  {what.map((path) => (
                    <code key={path} title={path}>
                      {shortPath(path)}
                    </code>
                  ))}
                </div>
              )}
            </li>
          );
        })}
        {isListInForce ? (
          <Rest
            icon={<Ban size={18} aria-hidden="true" />}
            title={say('security.touch-nothing-else')}
            text={say('security.touch-nothing-else-text')}
          />
        ) : (
          <Rest
            icon={<Users size={18} aria-hidden="true" />}
            title={say('security.touch-everybodys')}
            text={say('security.touch-everybodys-text')}
          />
        )}
      </ul>
    </Section>
  );
}

function Rest({ icon, title, text }: { readonly icon: ReactNode; readonly title: string; readonly text: string }) {
  return (
    <li className={styles.rest} data-testid="touch-rest">
      {icon}
      <h3>{title}</h3>
      <p>{text}</p>
    </li>
  );
}

/** Digests as they are shown elsewhere; the whole path is in the tooltip. */
function shortPath(path: string): string {
  return path.replace(/[0-9a-f]{64}/, (digest) => `${shortFingerprint(digest)}…`);
}
