-- Arms a warmed round, a moment ahead of its time: from then on the claim script itself compares the clock.
-- Further ARGV  none
-- Further replies  {"ignored", "state"} unless the round is WARMING
if state ~= 'WARMING' then return { 'ignored', 'state' } end
return apply('open', {}, { 'state', 'OPEN' })
