-- Stops a round's clock at once. The pause is a latch under this intent's number, which only a resume that names it lifts;
-- so nothing that merely reconciles can undo an emergency pause.
-- Further ARGV  none
-- Further replies  {"ignored", "state"} unless the round is OPEN
if state ~= 'OPEN' then return { 'ignored', 'state' } end
return apply('pause', {}, { 'state', 'PAUSED', 'pause_no', decimal(intent_no), 'paused_ms', decimal(now) })
