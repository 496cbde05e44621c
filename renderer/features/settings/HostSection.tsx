// SPDX-License-Identifier: MIT
import { RefreshCw } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { say } from '#messages/say.ts';
import { useHost, useHostPart } from '../../store/current-host.ts';
import type { HostCheck } from '#contract/system.ts';
import { request } from '../../api/client.ts';
import { Button } from '../../ui/Button.tsx';
import { CheckList } from '../../ui/CheckList.tsx';
import { Section } from '../../ui/Screen.tsx';

/** What this computer has and lacks for instances: looked at anew whenever the screen is opened, and on demand. */
export function HostSection() {
  const host = useHost();
  const isConnected = useHostPart((part) => part.link.state === 'connected');
  const last = useHostPart((part) => part.system?.checks);
  const [fresh, setFresh] = useState<readonly HostCheck[] | undefined>();
  const [isLooking, setLooking] = useState(false);
  const look = useCallback(async (): Promise<void> => {
    setLooking(true);
    // A helper that is lost meanwhile has its own banner; the last look stays.
    const answer = await request(host, 'system.doctor', {}).catch(() => undefined);
    if (answer !== undefined) setFresh(answer.checks);
    setLooking(false);
  }, [host]);
  useEffect(() => {
    if (isConnected) void look();
  }, [isConnected, look]);
  const checks = fresh ?? last;
  const again = (
    <Button
      icon={<RefreshCw />}
      size="small"
      isDisabled={!isConnected || isLooking}
      onPress={() => void look()}
      hint={<code>{'berth doctor'}</code>}
      data-testid="doctor-again"
    >
      {isLooking ? say('settings.looking') : say('settings.look-again')}
    </Button>
  );
  return (
    <Section title={say('settings.checks')} aside={again}>
      {checks === undefined ? <p>{say('common.no-helper')}</p> : <CheckList checks={checks} />}
    </Section>
  );
}
