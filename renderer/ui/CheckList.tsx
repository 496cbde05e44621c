// SPDX-License-Identifier: MIT
import type { HostCheck } from '#contract/system.ts';
import { CircleAlert, CircleCheck, CircleDashed, TriangleAlert } from 'lucide-react';
import { CommandLine } from './CommandLine.tsx';
import styles from './CheckList.module.css';

const icons = { good: CircleCheck, limited: TriangleAlert, missing: CircleAlert, checking: CircleDashed } as const;
const words: Readonly<Record<HostCheck['state'], string>> = { good: 'Good', limited: 'Limited', missing: 'Missing', checking: 'Checking' };
const names: Readonly<Record<HostCheck['id'], string>> = { kvm: 'Acceleration', apparmor: 'AppArmor', qemu: 'QEMU', network: 'Network', storage: 'Storage' };

/** The helper's checks of this computer, each with its fix. */
export function CheckList({ checks }: { readonly checks: readonly HostCheck[] }) {
  return (
    <ul className={styles.list}>
      {checks.map((check) => {
        const Icon = icons[check.state];
        return (
          <li key={check.id} className={styles.check}>
            <Icon size={16} className={styles[check.state]} aria-label={words[check.state]} role="img" />
            <div className={styles.text}>
              <h3>{names[check.id]}</h3>
              <p>{check.summary}</p>
              {check.fix === undefined ? null : <Fix text={check.fix} />}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/** A fix that is a command is shown to be copied; any other as a sentence. */
function Fix({ text }: { readonly text: string }) {
  return /^(?:sudo |apt|systemctl|modprobe)/.test(text) ? <CommandLine line={text} /> : <p className={styles.fix}>{text}</p>;
}
