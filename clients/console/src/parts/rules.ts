// The rules of a round as sentences: what a supervisor reads before publishing.

import type { Formatter } from '@graborder/core';
import type { Policy } from '../server/policy';
import { t } from '../words';

export function rulesInWords(policy: Policy, fmt: Formatter): string[] {
  const units = (n: number) => fmt.count(n, 'unit');
  return [
    t('rules_say_need', { n: policy.need_percent }),
    policy.gate_percent === null ? t('rules_say_no_gate') : t('rules_say_gate', { n: policy.gate_percent }),
    t('rules_say_no_need', { n: units(policy.cap_no_need) }),
    ...(policy.cap_round === null ? [] : [t('rules_say_round', { n: units(policy.cap_round) })]),
    ...(policy.cap_day === null ? [] : [t('rules_say_day', { n: units(policy.cap_day) })]),
    ...(policy.cap_period === null ? [] : [t('rules_say_period', { n: units(policy.cap_period), days: policy.period_days })]),
    t('rules_say_deliver', { n: policy.deliver_in_days }),
  ];
}
