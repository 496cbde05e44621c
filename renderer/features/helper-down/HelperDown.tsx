// SPDX-License-Identifier: MIT
import { useHostPart } from '../../store/current-host.ts';
import { CommandLine } from '../../ui/CommandLine.tsx';
import { KeyValue } from '../../ui/KeyValue.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { helperDownStrings as strings } from './strings.ts';
import styles from './HelperDown.module.css';

/** Stands in place of every screen until the helper was reached once: what is wrong, and the way out. */
export function HelperDown() {
  const link = useHostPart((part) => part.link);
  if (link.state !== 'down') {
    return (
      <main className={styles.page}>
        <h1>{strings.connecting}</h1>
        <p>{strings.connectingText}</p>
        <div className={styles.progress}>
          <ProgressBar label={strings.connecting} />
        </div>
      </main>
    );
  }
  const explanation = strings.reasons[link.reason];
  return (
    <main className={styles.page} data-testid="helper-down">
      <h1>{explanation.title}</h1>
      <p>{explanation.text}</p>
      {explanation.commands.map((command) => (
        <div key={command.line} className={styles.step}>
          <span>{command.why}</span>
          <CommandLine line={command.line} />
        </div>
      ))}
      <KeyValue
        facts={[
          { label: strings.socket, value: <code>{link.path}</code> },
          { label: strings.detail, value: <code>{link.detail}</code> },
        ]}
      />
      <div className={styles.retry} role="status">
        <div className={styles.progress}>
          <ProgressBar label={strings.retrying} />
        </div>
        <span>{strings.retrying}</span>
      </div>
    </main>
  );
}
