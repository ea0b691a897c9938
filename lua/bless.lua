-- Opens the gate: the pool decides again, in the new epoch, by this process. Rounds that were running lost the fenced time,
-- so it is added to their shift; one that opens later loses nothing. The entry tells the writer.
-- KEYS  pool, log of the epoch; then the live rounds
-- ARGV  epoch; run_id; applied_no, that of the snapshot loaded; fenced_ms; then the rounds' ids, in the order of their keys
-- Replies  {"ok", n, at_ms}; {"incomplete", round id} a round is not loaded; {"epoch", e} another building is under way, or
--          none (then e is the pool's); {"run_id", r} the process is not the one named; {"corrupt", what}
local pool_key, log_key = KEYS[1], KEYS[2]
local epoch, run_id, applied_no, fenced_ms = ARGV[1], ARGV[2], count(ARGV[3]), count(ARGV[4])
local before_keys, before_ids = 2, 4
local round_count = #KEYS - before_keys
if not applied_no or not fenced_ms or #ARGV - before_ids ~= round_count then return { 'corrupt', 'arguments' } end

local own = this_run_id()
if run_id ~= own then return { 'run_id', own } end
local pool = redis.call('HMGET', pool_key, 'epoch', 'building_epoch', 'building_run_id')
if not pool[2] or pool[2] ~= epoch or pool[3] ~= own then return { 'epoch', pool[2] or pool[1] or '0' } end

local now = now_since(0)
local rounds = {}
for k = 1, round_count do
  local key, round_id = KEYS[before_keys + k], ARGV[before_ids + k]
  local round = redis.call('HMGET', key, 'state', 'epoch', 'opens_ms', 'shift_ms', 'last_ms')
  if not round[1] or round[2] ~= epoch then return { 'incomplete', round_id } end
  local opens_ms, shift_ms, last_ms = stored(round[3]), stored(round[4]), stored(round[5])
  if not (opens_ms and shift_ms and last_ms) then return { 'corrupt', 'round' } end
  if last_ms > now then now = last_ms end
  if round[1] == 'OPEN' then rounds[#rounds + 1] = { key, round_id, opens_ms + shift_ms, shift_ms + fenced_ms } end
end

local shifted = {}
for k = 1, #rounds do
  if fenced_ms > 0 and rounds[k][3] <= now then shifted[#shifted + 1] = rounds[k] end
end
local ids = {}
for k = 1, #shifted do ids[k] = shifted[k][2] end
redis.call('XADD', log_key, '*', 'n', '1', 'kind', 'bless', 'round', '', 'at', decimal(now), 'shift_ms',
  decimal(fenced_ms), 'rounds', table.concat(ids, ','))
for k = 1, #shifted do redis.call('HSET', shifted[k][1], 'shift_ms', decimal(shifted[k][4])) end
redis.call('HSET', pool_key, 'epoch', epoch, 'n', '1', 'appended', '0', 'written', '0', 'applied_no', decimal(applied_no),
  'run_id', own)
redis.call('HDEL', pool_key, 'building_epoch', 'building_run_id')
return { 'ok', '1', decimal(now) }
