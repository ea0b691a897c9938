-- The opening of the scripts that change a live round's state: fence, round, number. An intent is numbered; one not above
-- the last applied is ignored, so that a repeated or late one does nothing twice.
-- KEYS  pool, round, log
-- ARGV  epoch; round id; intent_no; then what the script names
-- Replies  {"ok", n, at_ms} with the place in the log; {"ignored", "intent"}; {"ignored", why} as the script says;
--          {"unknown"} round not loaded; {"fenced"}; {"epoch", e}; {"corrupt", what}
local pool_key, round_key, log_key = KEYS[1], KEYS[2], KEYS[3]
local epoch, round_id, intent_no = ARGV[1], ARGV[2], count(ARGV[3])

local pool = redis.call('HMGET', pool_key, 'run_id', 'epoch', 'n')
local refusal = fence(pool[1], pool[2], epoch)
if refusal then return refusal end
local n = stored(pool[3])
if not n then return { 'corrupt', 'pool' } end
if not intent_no then return { 'corrupt', 'arguments' } end

local round = redis.call('HMGET', round_key, 'state', 'epoch', 'opens_ms', 'closes_ms', 'shift_ms', 'last_ms',
  'intent_no', 'pause_no', 'paused_ms')
local state = round[1]
if not state or round[2] ~= epoch then return { 'unknown' } end
local opens_ms, closes_ms, shift_ms, last_ms = stored(round[3]), stored(round[4]), stored(round[5]), stored(round[6])
local last_intent_no, pause_no, paused_ms = stored(round[7]), stored(round[8]), stored(round[9])
if not (opens_ms and closes_ms and shift_ms and last_ms and last_intent_no) then return { 'corrupt', 'round' } end
if state == 'PAUSED' and not (pause_no and paused_ms) then return { 'corrupt', 'round' } end
if intent_no <= last_intent_no then return { 'ignored', 'intent' } end
local now = now_since(last_ms)

-- The tail of each: the entry first, as only the log was not read as its type; then the round as `fields` has it.
local function apply(kind, told, fields)
  redis.call('XADD', log_key, '*', 'n', decimal(n + 1), 'kind', kind, 'round', round_id, 'at', decimal(now),
    'intent_no', decimal(intent_no), unpack(told))
  redis.call('HSET', round_key, 'intent_no', decimal(intent_no), 'last_ms', decimal(now), unpack(fields))
  redis.call('HSET', pool_key, 'n', decimal(n + 1))
  return { 'ok', decimal(n + 1), decimal(now) }
end
