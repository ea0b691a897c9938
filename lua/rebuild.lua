-- Loads one chunk of a live round, or of the users, while a pool is built anew. Only the building that was begun last may load.
-- KEYS  pool, round, lines, invited, taken, claims, counters, suspended, users (for `users` the round is any)
-- ARGV  epoch; run_id; chunk (`users`, `begin`, `lines`, `stores`, `claims`, `end`); its fields, see load.lua; for `claims`:
--       claim, packed verdict in pairs; for `users`: user, auth version in pairs
-- Replies  {"ok"}; {"incomplete"} chunks are missing; {"epoch", e} another building is under way, or none (then e is the
--          pool's); {"run_id", r} the process is not the one named; {"corrupt", what}
local epoch, run_id, chunk = ARGV[1], ARGV[2], ARGV[3]

local own = this_run_id()
if run_id ~= own then return { 'run_id', own } end
local pool = redis.call('HMGET', pool_key, 'epoch', 'building_epoch', 'building_run_id')
if not pool[2] or pool[2] ~= epoch or pool[3] ~= own then return { 'epoch', pool[2] or pool[1] or '0' } end

if chunk == 'users' then
  local versions = {}
  for at = 4, #ARGV, 2 do
    local user, version = ARGV[at], count(ARGV[at + 1])
    if #user ~= 36 or not version or version < 1 then return ARGUMENTS end
    versions[at - 3], versions[at - 2] = user, long_decimal(version)
  end
  if #versions == 0 or #versions > CHUNK_MAX then return ARGUMENTS end
  redis.call('HSET', KEYS[9], unpack(versions))
  return { 'ok' }
end
if chunk == 'begin' then return load_begin(epoch, 'rebuild') end
local round = redis.call('HMGET', round_key, 'state', 'epoch', 'loading')
if round[2] ~= epoch or (not round[1] and round[3] ~= 'rebuild') then return { 'incomplete' } end
if chunk == 'lines' then return load_lines(4) end
if chunk == 'stores' then return load_stores(4) end
if chunk == 'end' then return load_end(4) end
if chunk == 'claims' then
  local verdicts = {}
  for at = 4, #ARGV, 2 do
    local claim, packed = ARGV[at], ARGV[at + 1]
    if #claim ~= 36 or not packed or string.sub(packed, 33, 33) ~= '|' or string.find(packed, '\n', 1, true) then
      return ARGUMENTS
    end
    verdicts[at - 3], verdicts[at - 2] = claim, packed
  end
  if #verdicts == 0 or #verdicts > CHUNK_MAX then return ARGUMENTS end
  redis.call('HSET', claims_key, unpack(verdicts))
  return { 'ok' }
end
return ARGUMENTS
