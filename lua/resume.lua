-- Lifts the pause of the number given. The round's clock stood still, so the pause is added to its shift: opening and
-- closing come so much later.
-- Further ARGV  pause_no
-- Further replies  {"ignored", "state"} unless the round is PAUSED; {"ignored", "latch"} when another pause holds it
local lifted_no = count(ARGV[4])
if not lifted_no then return { 'corrupt', 'arguments' } end
if state ~= 'PAUSED' then return { 'ignored', 'state' } end
if lifted_no ~= pause_no then return { 'ignored', 'latch' } end
local shifted_ms = decimal(shift_ms + now - paused_ms)
return apply('resume', { 'shift_ms', shifted_ms }, { 'state', 'OPEN', 'shift_ms', shifted_ms, 'pause_no', '', 'paused_ms', '' })
