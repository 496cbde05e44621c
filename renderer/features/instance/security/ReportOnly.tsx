// SPDX-License-Identifier: MIT
import { useState } from 'react';
import type { InstanceSecurity } from '#contract/security.ts';
import { Button } from '../../../ui/Button.tsx';
import { Dialog } from '../../../ui/Dialog.tsx';
import { Section } from '../../../ui/Screen.tsx';
import { securityStrings } from './strings.ts';
import styles from './SecurityTab.module.css';

const strings = securityStrings.mode;

interface ReportOnlyProps {
  readonly security: Pick<InstanceSecurity, 'name' | 'model' | 'settings'>;
  readonly onMode: (mode: 'enforce' | 'complain') => void;
}

/** Complain mode, for finding out what a machine needs. It is asked for twice, and left by one press. */
export function ReportOnly({ security: { name, model, settings }, onMode }: ReportOnlyProps) {
  const [isAsking, setAsking] = useState(false);
  if (model !== 'apparmor') return null;
  const confirm = (): void => {
    setAsking(false);
    onMode('complain');
  };
  return (
    <Section title={strings.title}>
      <div className={styles.mode}>
        <p>{strings.text}</p>
        {settings.mode === 'complain' ? (
          <Button
            tone="primary"
            onPress={() => onMode('enforce')}
            hint={<code>berth enforce {name}</code>}
            data-testid="mode-enforce"
          >
            {strings.enforce}
          </Button>
        ) : (
          <Button
            tone="danger"
            onPress={() => setAsking(true)}
            hint={<code>berth complain {name}</code>}
            data-testid="mode-complain"
          >
            {strings.complain}
          </Button>
        )}
      </div>
      <Dialog
        role="alertdialog"
        title={strings.ask(name)}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        footer={
          <>
            <Button onPress={() => setAsking(false)} autoFocus>
              {strings.cancel}
            </Button>
            <Button tone="danger" onPress={confirm} data-testid="mode-confirm">
              {strings.confirm}
            </Button>
          </>
        }
      >
        {strings.warnings.map((warning) => (
          <p key={warning}>{warning}</p>
        ))}
      </Dialog>
    </Section>
  );
}
