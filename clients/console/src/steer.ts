// What may be asked of a round in which state, and how it is asked.

import type { RoundItem } from '@graborder/core';
import type { IconName } from '@graborder/look';
import type { DeskState } from './server/rounds';
import { say } from './shell/toast';
import { asked, live, readRounds, rounds } from './state';
import { t } from './words';

/** What steering needs of a round, from a list or in full. */
export type Steered = Pick<RoundItem, 'round_id' | 'name' | 'opens_at_ms' | 'closes_at_ms' | 'closes_at'> & { state: DeskState };

export type Verb = 'publish' | 'pause' | 'resume' | 'extend' | 'stop' | 'cancel';

export const VERBS: Record<Verb, { icon: IconName; dangerous: boolean; reasoned: boolean }> = {
  publish: { icon: 'up', dangerous: false, reasoned: false },
  pause: { icon: 'pause', dangerous: false, reasoned: true },
  resume: { icon: 'play', dangerous: false, reasoned: true },
  extend: { icon: 'clock', dangerous: false, reasoned: true },
  stop: { icon: 'stop', dangerous: true, reasoned: true },
  cancel: { icon: 'cross', dangerous: true, reasoned: true },
};

/** Supervisors steer; administrators may stop what runs, but publish nothing. The server checks it all again. */
export function allowed(round: Steered): Verb[] {
  const role = live.user.value?.role;
  if (role === 'supervisor') return byState(round);
  return role === 'admin' ? byState(round).filter((verb) => verb !== 'publish') : [];
}

function byState(round: Steered): Verb[] {
  switch (round.state) {
    case 'DRAFT': return ['publish', 'cancel'];
    case 'PENDING_APPROVAL': case 'SCHEDULED': case 'WARMING': return ['cancel'];
    case 'OPEN': return ['pause', 'extend', 'stop'];
    case 'PAUSED': return ['resume', 'extend', 'stop'];
    case 'SETTLING': case 'CLOSED': case 'ARCHIVED': case 'CANCELLED': return [];
  }
}

export async function steer(round: Steered, verb: Verb, reason: string, minutes: number): Promise<void> {
  const { round_id } = round;
  if (verb === 'publish') {
    const { state } = await live.api.publish(round_id);
    if ((state as DeskState) === 'PENDING_APPROVAL') say({ text: t('asked_second') });
  } else if (verb === 'extend') {
    // The planned end, without pauses: the server adds those by itself.
    await live.api.extend(round_id, new Date(Date.parse(round.closes_at) + minutes * 60_000).toISOString(), reason);
  } else {
    await live.api.steer(round_id, verb, reason);
  }
  // A draft's fate is in the answer; what is asked of a live round is seen when its frame comes.
  if (rounds.has(round_id) && verb !== 'publish') asked.set(round_id, verb);
  window.setTimeout(() => asked.delete(round_id), 8_000);
  if (verb === 'publish' || verb === 'cancel') await readRounds();
}

export type StateWord = DeskState | 'armed';

/** Armed a moment ahead of its time, a round is "open" to the machine, but not yet to anybody else. */
export function stateWord(round: Pick<Steered, 'state' | 'opens_at_ms' | 'closes_at_ms'>, now_ms: number): StateWord {
  if (round.state !== 'OPEN') return round.state;
  if (now_ms < round.opens_at_ms) return 'armed';
  return now_ms < round.closes_at_ms ? 'OPEN' : 'SETTLING';
}
