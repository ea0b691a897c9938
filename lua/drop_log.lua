-- Removes the log of an epoch that is over and has been drained. The log of the pool's own epoch, or of one being built,
-- stays, whatever anybody asks.
-- KEYS  pool, log of the epoch
-- ARGV  epoch
-- Replies  {"ok"}; {"live"}; {"corrupt", what}
local pool_key, log_key = KEYS[1], KEYS[2]
local epoch = count(ARGV[1])
if not epoch then return { 'corrupt', 'arguments' } end
local pool = redis.call('HMGET', pool_key, 'epoch', 'run_id')
-- Before the blessing the old log may still hold what was not drained.
if not pool[2] or epoch >= (stored(pool[1]) or 0) then return { 'live' } end
redis.call('DEL', log_key)
return { 'ok' }
