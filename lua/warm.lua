-- Loads a published round, chunk by chunk, while other rounds of the pool are live. The snapshot it comes from has a
-- number, that of the newest effect in it; were an effect applied since, or not yet, the counters filled from it would be
-- wrong, so every chunk asks that the pool stands at this very number. Repeating a chunk changes nothing.
-- KEYS  pool, round, lines, invited, taken, claims, counters, suspended, users (not looked at)
-- ARGV  epoch; number; chunk (`begin`, `lines`, `stores`, `end`); its fields, see load.lua
-- Replies  {"ok"}; {"number", applied_no} start over with a new snapshot; {"known"} already loaded; {"incomplete"} chunks
--          are missing, start over; {"fenced"}; {"epoch", e}; {"corrupt", what}
local epoch, number, chunk = ARGV[1], count(ARGV[2]), ARGV[3]

local pool = redis.call('HMGET', pool_key, 'run_id', 'epoch', 'applied_no')
local refusal = fence(pool[1], pool[2], epoch)
if refusal then return refusal end
if not number or not stored(pool[3]) then return { 'corrupt', 'arguments' } end
local round = redis.call('HMGET', round_key, 'state', 'epoch', 'loading')
if round[1] and round[2] == epoch then return { 'known' } end
if decimal(number) ~= pool[3] then return { 'number', pool[3] } end

if chunk == 'begin' then return load_begin(epoch, decimal(number)) end
-- Somebody else's load, of another snapshot or another epoch, has taken this one's place.
if round[2] ~= epoch or round[3] ~= decimal(number) then return { 'incomplete' } end
if chunk == 'lines' then return load_lines(4) end
if chunk == 'stores' then return load_stores(4) end
if chunk == 'end' then
  if ARGV[6] ~= 'WARMING' then return ARGUMENTS end
  return load_end(4)
end
return ARGUMENTS
