// SPDX-License-Identifier: MIT
import { RefreshCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { HostCheck } from '#contract/system.ts';
import { request } from '../../api/client.ts';
import { useBerth } from '../../store/index.ts';
import { Button } from '../../ui/Button.tsx';
import { CheckList } from '../../ui/CheckList.tsx';
import { Section } from '../../ui/Screen.tsx';
import { settingsStrings as strings } from './strings.ts';

/** What this computer has and lacks for instances: looked at anew whenever the screen is opened, and on demand. */
export function HostSection() {
  const isConnected = useBerth((state) => state.link.state === 'connected');
  const last = useBerth((state) => state.system?.checks);
  const [fresh, setFresh] = useState<readonly HostCheck[] | undefined>();
  const [isLooking, setLooking] = useState(false);
  const look = async (): Promise<void> => {
    setLooking(true);
    // A helper that is lost meanwhile has its own banner; the last look stays.
    const answer = await request('system.doctor', {}).catch(() => undefined);
    if (answer !== undefined) setFresh(answer.checks);
    setLooking(false);
  };
  useEffect(() => {
    if (isConnected) void look();
  }, [isConnected]);
  const checks = fresh ?? last;
  const again = (
    <Button
      icon={<RefreshCw />}
      size="small"
      isDisabled={!isConnected || isLooking}
      onPress={() => void look()}
      hint={<code>berth doctor</code>}
      data-testid="doctor-again"
    >
      {isLooking ? strings.looking : strings.lookAgain}
    </Button>
  );
  return (
    <Section title={strings.checks} aside={again}>
      {checks === undefined ? <p>{strings.noHelper}</p> : <CheckList checks={checks} />}
    </Section>
  );
}
