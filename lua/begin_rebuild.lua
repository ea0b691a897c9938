-- Begins to build a pool anew for this very process and a higher epoch. From here on the pool is fenced until it is
-- blessed; whoever builds under a lower epoch is refused. What a lost process left of counters, suspensions, changed users
-- and of this epoch's log is thrown away; rounds of an older epoch count as not loaded.
-- KEYS  pool, counters, suspended, users, log of the new epoch
-- ARGV  epoch; run_id
-- Replies  {"ok"}; {"epoch", e} the new epoch must be above e; {"run_id", r} the process is not the one named;
--          {"corrupt", what}
local pool_key, counters_key, suspended_key, users_key, log_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local epoch, run_id = count(ARGV[1]), ARGV[2]
if not epoch then return { 'corrupt', 'arguments' } end

local own = this_run_id()
if run_id ~= own then return { 'run_id', own } end
local pool = redis.call('HMGET', pool_key, 'epoch', 'building_epoch')
local highest = math.max(stored(pool[1]) or 0, stored(pool[2]) or 0)
-- Strictly higher: a lost call that arrives late must not wipe what was built since.
if epoch <= highest then return { 'epoch', decimal(highest) } end

redis.call('HSET', pool_key, 'building_epoch', decimal(epoch), 'building_run_id', own)
redis.call('HDEL', pool_key, 'run_id')
redis.call('DEL', counters_key, suspended_key, users_key, log_key)
return { 'ok' }
