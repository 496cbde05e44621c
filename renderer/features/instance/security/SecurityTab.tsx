// SPDX-License-Identifier: MIT
import { keyOf, type HostInstance } from '#contract/host-keys.ts';
import { describeError, type HelperErrorData } from '#contract/errors.ts';
import { say } from '#messages/say.ts';
import { request } from '../../../api/client.ts';
import { attempt } from '../../../store/attempt.ts';
import { Button } from '../../../ui/Button.tsx';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { DenialSection } from './DenialSection.tsx';
import { LayerList } from './LayerList.tsx';
import { OwnDenialSection } from './OwnDenialSection.tsx';
import { ReportOnly } from './ReportOnly.tsx';
import { TouchList } from './TouchList.tsx';
import { isListInForce } from './verdict.ts';
import { useSecurity } from './use-security.ts';
import { Verdict } from './Verdict.tsx';
import styles from './SecurityTab.module.css';

/** What the machine can touch of this computer, what holds it in, and what it was refused. */
export function SecurityTab({ instance }: { readonly instance: HostInstance }) {
  const { security, denials, ownDenials, failure, look } = useSecurity(instance);
  const { host, name } = instance;
  const key = keyOf(instance);
  /** A refusal becomes a notice; either way what holds now is asked again. */
  const change = async (what: string, asked: Promise<unknown>): Promise<void> => {
    await attempt({ id: `security-${key}`, line: what, instance: key }, async () => await asked);
    await look();
  };
  if (security === undefined)
    return failure === undefined ? (
      <p className={styles.loading} role="status">
        {say('security.loading')}
      </p>
    ) : (
      <Unknown failure={failure} onAgain={() => void look()} />
    );
  return (
    <div className={styles.page} data-testid="security-page">
      <Verdict
        security={security}
        onMeasure={() => void look()}
        onConsent={(isAllowedWithoutAppArmor) =>
          void change('consent', request(host, 'instances.set-security', { name, isAllowedWithoutAppArmor }))
        }
      />
      {denials === undefined ? null : (
        <DenialSection
          name={name}
          list={denials}
          onDecide={(id, choice) =>
            void change(
              `berth ${choice === 'keep-blocked' ? 'block' : 'allow'} ${name} ${id}`,
              request(host, 'denials.decide', { name, id, choice }),
            )
          }
        />
      )}
      {ownDenials === undefined ? null : <OwnDenialSection list={ownDenials} />}
      <div className={styles.columns}>
        <TouchList
          access={security.access}
          isListInForce={isListInForce(security)}
          onTakeBack={(path) =>
            void change(say('security.touch-take-back-of', { path }), request(host, 'instances.revoke', { name, path }))
          }
        />
        <LayerList layers={security.layers} />
      </div>
      <ReportOnly
        security={security}
        onMode={(mode) => void change(`berth ${mode} ${name}`, request(host, 'instances.set-security', { name, mode }))}
      />
    </div>
  );
}

function Unknown({ failure, onAgain }: { readonly failure: HelperErrorData; readonly onAgain: () => void }) {
  const { message, hint } = describeError(failure);
  return (
    <EmptyState
      title={say('security.unknown')}
      action={<Button onPress={onAgain}>{say('security.measure-again')}</Button>}
    >
      <p>
        {message} {hint}
      </p>
    </EmptyState>
  );
}
