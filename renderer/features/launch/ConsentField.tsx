// SPDX-License-Identifier: MIT
import { Banner } from '../../ui/Banner.tsx';
import { Checkbox } from '../../ui/Checkbox.tsx';
import { launchStrings as strings } from './strings.ts';
import styles from './LaunchForm.module.css';

interface ConsentFieldProps {
  readonly reason: string;
  readonly isGiven: boolean;
  readonly onChange: (isGiven: boolean) => void;
}

/** Asks before an instance runs without AppArmor; the answer is remembered for that instance. */
export function ConsentField({ reason, isGiven, onChange }: ConsentFieldProps) {
  return (
    <Banner tone="warning" title={strings.consentTitle(reason)}>
      <span>{strings.consentText}</span>
      <div className={styles.consent}>
        <Checkbox isChecked={isGiven} onChange={onChange} testId="launch-consent">
          {strings.consent}
        </Checkbox>
      </div>
    </Banner>
  );
}
