// SPDX-License-Identifier: MIT
import { useState } from 'react';
import type { InstanceSecurity } from '#contract/security.ts';
import { say } from '#messages/say.ts';
import { Button } from '../../../ui/Button.tsx';
import { Dialog } from '../../../ui/Dialog.tsx';
import { Section } from '../../../ui/Screen.tsx';
import styles from './SecurityTab.module.css';

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
    <Section title={say('security.mode-title')}>
      <div className={styles.mode}>
        <p>{say('security.mode-text')}</p>
        {settings.mode === 'complain' ? (
          <Button
            tone="primary"
            onPress={() => onMode('enforce')}
            hint={<code>{`berth enforce ${name}`}</code>}
            data-testid="mode-enforce"
          >
            {say('security.mode-enforce')}
          </Button>
        ) : (
          <Button
            tone="danger"
            onPress={() => setAsking(true)}
            hint={<code>{`berth complain ${name}`}</code>}
            data-testid="mode-complain"
          >
            {say('security.mode-complain')}
          </Button>
        )}
      </div>
      <Dialog
        role="alertdialog"
        title={say('security.mode-ask', { name })}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        footer={
          <>
            <Button onPress={() => setAsking(false)} autoFocus>
              {say('common.cancel')}
            </Button>
            <Button tone="danger" onPress={confirm} data-testid="mode-confirm">
              {say('security.mode-confirm')}
            </Button>
          </>
        }
      >
        <p>{say('security.mode-warning')}</p>
        <p>{say('security.mode-warning-stays')}</p>
      </Dialog>
    </Section>
  );
}
