-- Applies one outbox effect to a store's counters, or to what is known of a user, once: effects come in the order of their numbers, and one not above
-- the last applied is known. Units given back lower what the store has taken, never what is left of a line.
-- Counters never fall below 0, and an absent one stays absent: whoever loads it later loads it with this effect in it.
-- KEYS  pool, lines, taken, counters, suspended, users (lines and taken of the round; of any for what concerns none)
-- ARGV  epoch; number; `release`; store; day; period; dock day; credit_cents; then line, units in pairs
--       epoch; number; `suspend`; store; until_ms (0 lifts it)
--       epoch; number; `user`; user; auth version
-- Replies  {"ok"}; {"known"}; {"fenced"}; {"epoch", e}; {"corrupt", what}
local pool_key, lines_key, taken_key, counters_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local suspended_key, users_key = KEYS[5], KEYS[6]
local epoch, number, effect, store = ARGV[1], count(ARGV[2]), ARGV[3], ARGV[4]

local pool = redis.call('HMGET', pool_key, 'run_id', 'epoch', 'applied_no')
local refusal = fence(pool[1], pool[2], epoch)
if refusal then return refusal end
local applied_no = stored(pool[3])
if not applied_no then return { 'corrupt', 'pool' } end
if not number or not store or #store ~= 36 then return { 'corrupt', 'arguments' } end
if number <= applied_no then return { 'known' } end

if effect == 'suspend' then
  local until_ms = count(ARGV[5])
  if not until_ms then return { 'corrupt', 'arguments' } end
  redis.call('HSET', suspended_key, store, decimal(until_ms))
elseif effect == 'user' then
  local user, version = store, count(ARGV[5])
  if not version or version < 1 then return { 'corrupt', 'arguments' } end
  redis.call('HSET', users_key, user, long_decimal(version))
elseif effect == 'release' then
  local day_key, period_key, dock_key = 'd' .. (ARGV[5] or ''), 'p' .. (ARGV[6] or ''), 'k' .. (ARGV[7] or '')
  local credit_cents, first_line = count(ARGV[8]), 9
  if not credit_cents or #day_key ~= 11 or #period_key ~= 11 or #dock_key ~= 11 or (#ARGV - 8) % 2 ~= 0 then
    return { 'corrupt', 'arguments' }
  end
  local total, lines, released = 0, {}, {}
  for at = first_line, #ARGV, 2 do
    local units = count(ARGV[at + 1])
    if not units or #ARGV[at] ~= 36 then return { 'corrupt', 'arguments' } end
    total = total + units
    lines[#lines + 1], released[#released + 1] = 'def:' .. ARGV[at], units
  end

  -- The record's units of the round and of the lines.
  local record = redis.call('HGET', taken_key, store)
  if record and #lines > 0 then
    local definitions = redis.call('HMGET', lines_key, unpack(lines))
    record = struct.pack('<d', math.max(0, struct.unpack('<d', record) - total)) .. string.sub(record, 9)
    for k = 1, #lines do
      local at = definitions[k] and stored(string.match(definitions[k], '^%d+'))
      if not at or 8 * at + 8 > #record then return { 'corrupt', 'line' } end
      record = string.sub(record, 1, 8 * at)
        .. struct.pack('<d', math.max(0, struct.unpack('<d', record, 8 * at + 1) - released[k]))
        .. string.sub(record, 8 * at + 9)
    end
  end

  -- Only the entries that are there.
  local counters = redis.call('HGET', counters_key, store)
  if counters then
    if #counters % 19 ~= 8 then return { 'corrupt', 'counters' } end
    local parts = { struct.pack('<d', math.max(0, struct.unpack('<d', counters) - credit_cents)) }
    for at = 9, #counters - 18, 19 do
      local key, units = struct.unpack('<c11d', counters, at)
      if key == day_key or key == period_key or key == dock_key then units = math.max(0, units - total) end
      parts[#parts + 1] = struct.pack('<c11d', key, units)
    end
    redis.call('HSET', counters_key, store, table.concat(parts))
  end
  if record then redis.call('HSET', taken_key, store, record) end
else
  return { 'corrupt', 'effect' }
end
redis.call('HSET', pool_key, 'applied_no', decimal(number))
return { 'ok' }
