// The rules of a round, as the server knows them.

export interface Policy {
  need_percent: number;
  cap_no_need: number;
  gate_percent: number | null;
  cap_round: number | null;
  cap_day: number | null;
  cap_period: number | null;
  period_days: number;
  deliver_in_days: number;
}
/** As the server has it when nothing is said. */
export const USUAL: Policy = { need_percent: 100, cap_no_need: 0, gate_percent: 100, cap_round: null, cap_day: null, cap_period: null, period_days: 7, deliver_in_days: 1 };
