-- Tells how many of the epoch's decisions are in the books, so that claims wait when the books fall behind. Never falls.
-- KEYS  pool
-- ARGV  epoch; claims in the books
-- Replies  {"ok"}; {"known"} more was told before; {"fenced"}; {"epoch", e}; {"corrupt", what}
local pool_key = KEYS[1]
local epoch, written = ARGV[1], count(ARGV[2])

local pool = redis.call('HMGET', pool_key, 'run_id', 'epoch', 'written', 'appended')
local refusal = fence(pool[1], pool[2], epoch)
if refusal then return refusal end
local before, appended = stored(pool[3]), stored(pool[4])
if not before or not appended then return { 'corrupt', 'pool' } end
if not written or written > appended then return { 'corrupt', 'arguments' } end
if written <= before then return { 'known' } end
redis.call('HSET', pool_key, 'written', decimal(written))
return { 'ok' }
