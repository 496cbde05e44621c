// SPDX-License-Identifier: MIT
import { RefreshCw, Shield, ShieldAlert, ShieldCheck, ShieldOff } from 'lucide-react';
import type { InstanceSecurity } from '#contract/security.ts';
import { classNames } from '../../../lib/class-names.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { layerWords } from './layer-words.ts';
import { securityStrings as strings } from './strings.ts';
import { verdictOf } from './verdict.ts';
import styles from './SecurityTab.module.css';

const icons = { held: ShieldCheck, partly: ShieldAlert, open: ShieldOff, reporting: ShieldOff, idle: Shield } as const;

interface VerdictProps {
  readonly security: InstanceSecurity;
  readonly onMeasure: () => void;
  readonly onConsent: (isGiven: boolean) => void;
}

/** The page in one sentence, and the owner's consent where it is of account. */
export function Verdict({ security, onMeasure, onConsent }: VerdictProps) {
  const { kind } = verdictOf(security);
  const Icon = icons[kind];
  const [title, text] = wordsOf(security);
  return (
    <div className={classNames(styles.verdict, styles[kind])} data-testid="security-verdict" data-verdict={kind}>
      <Icon size={32} aria-hidden="true" />
      <div>
        <h2>{title}</h2>
        <p>{text}</p>
        {security.isRestartNeeded ? <p className={styles.restart}>{strings.restart}</p> : null}
        <Consent security={security} onConsent={onConsent} />
      </div>
      {kind === 'idle' ? null : (
        <IconButton
          label={strings.measureAgain}
          icon={<RefreshCw />}
          onPress={onMeasure}
          data-testid="security-measure"
        />
      )}
    </div>
  );
}

function wordsOf(security: InstanceSecurity): readonly [string, string] {
  const { name, layers, modelReason } = security;
  const { kind, standing, lacking } = verdictOf(security);
  const list = lacking.map((layer) => lowerFirst(layerWords(layer)[0])).join(', ');
  switch (kind) {
    case 'held':
      return strings.verdict.held(name, layers.length);
    case 'partly':
      return strings.verdict.partly(name, strings.verdict.share(standing, layers.length), list, modelReason);
    case 'open':
      return strings.verdict.open(name, list);
    case 'reporting':
      return strings.verdict.reporting(name);
    case 'idle':
      return strings.verdict.idle(name);
    default:
      return kind satisfies never;
  }
}

/** Asked where the kernel has no AppArmor alone; what was given can be withdrawn, for the next start. */
function Consent({ security, onConsent }: Pick<VerdictProps, 'security' | 'onConsent'>) {
  const { model, modelReason, needsConsent, settings } = security;
  if (model === 'apparmor') return null;
  const button = needsConsent ? (
    <Button size="small" onPress={() => onConsent(true)} data-testid="consent-give">
      {strings.consent.give}
    </Button>
  ) : settings.isAllowedWithoutAppArmor ? (
    <Button size="small" onPress={() => onConsent(false)} data-testid="consent-withdraw">
      {strings.consent.withdraw}
    </Button>
  ) : null;
  if (button === null) return null;
  return (
    <div className={styles.consent}>
      <p>
        {needsConsent ? strings.consent.needed(modelReason ?? '') : strings.consent.given}{' '}
        <span>{strings.consent.explain}</span>
      </p>
      {button}
    </div>
  );
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
