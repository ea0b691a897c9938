-- Opens the gate: the pool decides again, in the new epoch, by this process. While the pool was fenced the clock of its
-- rounds stood still: what a round lost of its window is added to its shift. The entry tells the writer.
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
  local round = redis.call('HMGET', key, 'state', 'epoch', 'opens_ms', 'closes_ms', 'shift_ms', 'last_ms')
  if not round[1] or round[2] ~= epoch then return { 'incomplete', round_id } end
  local opens_ms, closes_ms, shift_ms, last_ms = stored(round[3]), stored(round[4]), stored(round[5]), stored(round[6])
  if not (opens_ms and closes_ms and shift_ms and last_ms) then return { 'corrupt', 'round' } end
  if last_ms > now then now = last_ms end
  -- A paused clock stands still anyway, until a resume adds the whole pause.
  if round[1] == 'OPEN' or round[1] == 'WARMING' then
    rounds[#rounds + 1] = { key = key, id = round_id, opens_ms = opens_ms + shift_ms, closes_ms = closes_ms + shift_ms,
      shift_ms = shift_ms }
  end
end

-- From the fence or from its opening on, whichever came later; nothing, if its window was over before the fence.
local lost, fenced_from = {}, now - fenced_ms
for k = 1, #rounds do
  local round = rounds[k]
  local lost_ms = now - math.max(round.opens_ms, fenced_from)
  if lost_ms > 0 and fenced_from < round.closes_ms then
    round.shifted_ms = round.shift_ms + lost_ms
    lost[#lost + 1] = round.id .. ':' .. decimal(lost_ms)
  end
end
redis.call('XADD', log_key, '*', 'n', '1', 'kind', 'bless', 'round', '', 'at', decimal(now), 'lost',
  table.concat(lost, ','))
for k = 1, #rounds do
  if rounds[k].shifted_ms then redis.call('HSET', rounds[k].key, 'shift_ms', decimal(rounds[k].shifted_ms)) end
end
redis.call('HSET', pool_key, 'epoch', epoch, 'n', '1', 'appended', '0', 'written', '0', 'applied_no', decimal(applied_no),
  'run_id', own)
redis.call('HDEL', pool_key, 'building_epoch', 'building_run_id')
return { 'ok', '1', decimal(now) }
