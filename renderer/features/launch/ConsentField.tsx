// SPDX-License-Identifier: MIT
import { capitalised } from '#contract/capitalised.ts';
import { say } from '#messages/say.ts';
import { Banner } from '../../ui/Banner.tsx';
import { Checkbox } from '../../ui/Checkbox.tsx';
import styles from './LaunchForm.module.css';

interface ConsentFieldProps {
  readonly reason: string;
  readonly isGiven: boolean;
  readonly onChange: (isGiven: boolean) => void;
}

/** Asks before an instance runs without AppArmor; the answer is remembered for that instance. */
export function ConsentField({ reason, isGiven, onChange }: ConsentFieldProps) {
  return (
    <Banner tone="warning" title={capitalised(reason)}>
      <span>{say('launch.consent-text')}</span>
      <div className={styles.consent}>
        <Checkbox isChecked={isGiven} onChange={onChange} testId="launch-consent">
          {say('launch.consent')}
        </Checkbox>
      </div>
    </Banner>
  );
}
