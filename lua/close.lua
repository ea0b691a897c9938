-- Ends a round: no claim is decided after it, and its log entry tells the writer that everything was seen. The time, the
-- shift and the latch are looked at here, so that an early or mistaken call cannot end what somebody extended or paused.
-- Further ARGV  `time` (the clock says so) or `stop` (headquarters say so)
-- Further replies  {"ignored", "state"} unless OPEN or PAUSED; for `time`: {"ignored", "latch"} while PAUSED,
--                  {"ignored", "early"} before the time has come
local why = ARGV[4]
if why ~= 'time' and why ~= 'stop' then return { 'corrupt', 'arguments' } end
if state ~= 'OPEN' and state ~= 'PAUSED' then return { 'ignored', 'state' } end
if why == 'time' then
  if state == 'PAUSED' then return { 'ignored', 'latch' } end
  if now < closes_ms + shift_ms then return { 'ignored', 'early' } end
end
return apply('close', {}, { 'state', 'CLOSED', 'closed_ms', decimal(now), 'pause_no', '', 'paused_ms', '' })
