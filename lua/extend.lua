-- Gives a round another planned close. A round whose time is over stays over: a window never opens again.
-- Further ARGV  closes_ms, as planned, before shifts
-- Further replies  {"ignored", "state"} when the round has closed, or its time has come
local new_closes_ms = count(ARGV[4])
if not new_closes_ms or new_closes_ms <= opens_ms then return { 'corrupt', 'arguments' } end
if state == 'CLOSED' then return { 'ignored', 'state' } end
local clock_ms = state == 'PAUSED' and paused_ms or now
if clock_ms >= closes_ms + shift_ms then return { 'ignored', 'state' } end
return apply('extend', { 'closes_ms', decimal(new_closes_ms) }, { 'closes_ms', decimal(new_closes_ms) })
