// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import { useHostPart } from '../../store/current-host.ts';
import { CommandLine } from '../../ui/CommandLine.tsx';
import { KeyValue } from '../../ui/KeyValue.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { waysOut } from './ways-out.ts';
import styles from './HelperDown.module.css';

/** Stands in place of every screen until the helper was reached once: what is wrong, and the way out. */
export function HelperDown() {
  const link = useHostPart((part) => part.link);
  if (link.state !== 'down') {
    return (
      <main className={styles.page}>
        <h1>{say('helper-down.connecting')}</h1>
        <p>{say('helper-down.connecting-text')}</p>
        <div className={styles.progress}>
          <ProgressBar label={say('helper-down.connecting')} />
        </div>
      </main>
    );
  }
  return (
    <main className={styles.page} data-testid="helper-down">
      <h1>{say(`helper-down.title-${link.reason}`)}</h1>
      <p>{say(`helper-down.text-${link.reason}`)}</p>
      {waysOut[link.reason].map((command) => (
        <div key={command.line} className={styles.step}>
          <span>{say(command.why)}</span>
          <CommandLine line={command.line} />
        </div>
      ))}
      <KeyValue
        facts={[
          { label: say('helper-down.socket'), value: <code>{link.path}</code> },
          { label: say('helper-down.detail'), value: <code>{link.detail}</code> },
        ]}
      />
      <div className={styles.retry} role="status">
        <div className={styles.progress}>
          <ProgressBar label={say('helper-down.retrying')} />
        </div>
        <span>{say('helper-down.retrying')}</span>
      </div>
    </main>
  );
}
