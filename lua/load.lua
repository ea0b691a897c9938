-- The chunks in which a round is loaded, for `warm` and `rebuild`. A round counts as loaded once it has a state, which the
-- last chunk gives it after counting that all is there; a load that broke off is unknown to every other script.
-- Counters are filled only where they are absent: what is there is newer than any snapshot.
local pool_key, round_key, lines_key, invited_key, taken_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local claims_key, counters_key, suspended_key = KEYS[6], KEYS[7], KEYS[8]
-- Ten million units of a line at this price are still a whole number of cents in a double.
local PRICE_MAX, LINES_MAX, CHUNK_MAX = 900719925, 20, 4000
local ARGUMENTS = { 'corrupt', 'arguments' }

local function date(text)
  return text and string.find(text, '^%d%d%d%d%-%d%d%-%d%d$') and text or nil
end

-- A limit: −1 is none.
local function limit(text)
  local n = whole(text)
  if not n or n < -1 then return nil end
  return n == -1 and NO_LIMIT or n
end

-- Fields: those of the round hash that mark whose load it is.
local function load_begin(epoch, mark)
  redis.call('DEL', round_key, lines_key, invited_key, taken_key, claims_key)
  redis.call('HSET', round_key, 'epoch', epoch, 'loading', mark)
  return { 'ok' }
end

-- Fields, eight a line: line, number (1 to 20), pack, min, cap_line, price_cents, left, sold_ms.
local function load_lines(first)
  local pairs_to_set = {}
  for at = first, #ARGV, 8 do
    local line, number, pack, least = ARGV[at], count(ARGV[at + 1]), count(ARGV[at + 2]), count(ARGV[at + 3])
    local cap, price = limit(ARGV[at + 4]), count(ARGV[at + 5])
    local left, sold = count(ARGV[at + 6]), count(ARGV[at + 7])
    if #line ~= 36 or not (number and pack and least and cap and price and left and sold) then return ARGUMENTS end
    if number < 1 or number > LINES_MAX or pack < 1 or price > PRICE_MAX then return ARGUMENTS end
    local k = #pairs_to_set
    pairs_to_set[k + 1] = 'def:' .. line
    pairs_to_set[k + 2] = decimal(number) .. '|' .. decimal(pack) .. '|' .. decimal(least) .. '|' .. decimal(cap) .. '|' .. decimal(price)
    pairs_to_set[k + 3], pairs_to_set[k + 4] = 'left:' .. line, decimal(left)
    pairs_to_set[k + 5], pairs_to_set[k + 6] = 'sold:' .. line, decimal(sold)
  end
  if #pairs_to_set == 0 then return ARGUMENTS end
  redis.call('HSET', lines_key, unpack(pairs_to_set))
  return { 'ok' }
end

-- Entries of other dates, without those that no round asks for any more.
local function recent(others, oldest_day, oldest_period)
  local kept = {}
  for at = 1, #others, 19 do
    local oldest = string.sub(others, at, at) == 'p' and oldest_period or oldest_day
    if string.sub(others, at + 1, at + 10) >= oldest then kept[#kept + 1] = string.sub(others, at, at + 18) end
  end
  return table.concat(kept)
end

-- Fields: day, period, dock day, oldest day, oldest period, number of lines; then for each store: store, offset_ms,
-- cap_round, cap_day, cap_period, dock, credit_cents, used of day, period, dock, credit (cents), suspended_until_ms, units
-- taken in the round; then for each line in the order of the numbers: listed, net, gate, need_cap, units taken of it.
local function load_stores(first)
  local day, period, dock_day = date(ARGV[first]), date(ARGV[first + 1]), date(ARGV[first + 2])
  local oldest_day, oldest_period, lines = date(ARGV[first + 3]), date(ARGV[first + 4]), count(ARGV[first + 5])
  if not (day and period and dock_day and oldest_day and oldest_period and lines) then return ARGUMENTS end
  local width = 13 + 5 * lines
  local stores = (#ARGV - first - 5) / width
  if lines < 1 or lines > LINES_MAX or stores < 1 or stores % 1 ~= 0 or stores * 2 > CHUNK_MAX then return ARGUMENTS end

  local names = {}
  for k = 1, stores do
    names[k] = ARGV[first + 6 + (k - 1) * width]
    if #names[k] ~= 36 then return ARGUMENTS end
  end
  local counters = redis.call('HMGET', counters_key, unpack(names))
  local suspended = redis.call('HMGET', suspended_key, unpack(names))
  local day_key, period_key, dock_key = 'd' .. day, 'p' .. period, 'k' .. dock_day
  local new_invited, new_taken, new_counters, new_suspended = {}, {}, {}, {}
  local function add(list, name, value)
    list[#list + 1] = name
    list[#list + 1] = value
  end

  for k = 1, stores do
    local at = first + 6 + (k - 1) * width
    local offset_ms, cap_round, cap_day = count(ARGV[at + 1]), limit(ARGV[at + 2]), limit(ARGV[at + 3])
    local cap_period, dock, credit = limit(ARGV[at + 4]), limit(ARGV[at + 5]), limit(ARGV[at + 6])
    local day_used, period_used = count(ARGV[at + 7]), count(ARGV[at + 8])
    local dock_used, credit_used = count(ARGV[at + 9]), count(ARGV[at + 10])
    local until_ms, taken = count(ARGV[at + 11]), count(ARGV[at + 12])
    if not (offset_ms and cap_round and cap_day and cap_period and dock and credit and day_used and period_used
      and dock_used and credit_used and until_ms and taken) then return ARGUMENTS end
    local invited_record = { struct.pack('<dddddd', offset_ms, cap_round, cap_day, cap_period, dock, credit) }
    local taken_record, any_taken = { struct.pack('<d', taken) }, taken > 0
    for line = 1, lines do
      local from = at + 13 + 5 * (line - 1)
      local listed, net, gate = count(ARGV[from]), whole(ARGV[from + 1]), whole(ARGV[from + 2])
      local need_cap, of_line = count(ARGV[from + 3]), count(ARGV[from + 4])
      if not (listed and listed <= 1 and net and gate and gate >= -1 and need_cap and of_line) then return ARGUMENTS end
      invited_record[1 + line] = struct.pack('<dddd', listed, net, gate, need_cap)
      taken_record[1 + line] = struct.pack('<d', of_line)
      any_taken = any_taken or of_line > 0
    end
    add(new_invited, names[k], table.concat(invited_record))
    if any_taken then add(new_taken, names[k], table.concat(taken_record)) end
    if until_ms > 0 and not suspended[k] then add(new_suspended, names[k], decimal(until_ms)) end

    local has_credit, has_day, has_period, has_dock, others = credit_used, nil, nil, nil, ''
    if counters[k] then
      if #counters[k] % 19 ~= 8 then return { 'corrupt', 'counters' } end
      has_credit, has_day, has_period, has_dock, others = read_counters(counters[k], day_key, period_key, dock_key)
    end
    if not (has_day and has_period and has_dock) then
      add(new_counters, names[k], pack_counters(has_credit, day_key, has_day or day_used, period_key,
        has_period or period_used, dock_key, has_dock or dock_used, recent(others, oldest_day, oldest_period)))
    end
  end

  redis.call('HSET', invited_key, unpack(new_invited))
  if #new_taken > 0 then redis.call('HSET', taken_key, unpack(new_taken)) end
  if #new_counters > 0 then redis.call('HSET', counters_key, unpack(new_counters)) end
  if #new_suspended > 0 then redis.call('HSET', suspended_key, unpack(new_suspended)) end
  return { 'ok' }
end

-- Fields: number of lines, of stores; state; opens_ms, closes_ms, shift_ms, last_ms, intent_no; day, period, dock day;
-- pause_no and paused_ms, empty unless PAUSED.
local function load_end(first)
  local lines, stores, state = count(ARGV[first]), count(ARGV[first + 1]), ARGV[first + 2]
  local opens_ms, closes_ms, shift_ms = count(ARGV[first + 3]), count(ARGV[first + 4]), count(ARGV[first + 5])
  local last_ms, intent_no = count(ARGV[first + 6]), count(ARGV[first + 7])
  local day, period, dock_day = date(ARGV[first + 8]), date(ARGV[first + 9]), date(ARGV[first + 10])
  local pause_no, paused_ms = ARGV[first + 11], ARGV[first + 12]
  if not (lines and stores and opens_ms and closes_ms and shift_ms and last_ms and intent_no and day and period
    and dock_day and pause_no and paused_ms) then return ARGUMENTS end
  if closes_ms <= opens_ms then return ARGUMENTS end
  if state == 'PAUSED' then
    if not count(pause_no) or not count(paused_ms) then return ARGUMENTS end
  elseif state ~= 'WARMING' and state ~= 'OPEN' and state ~= 'CLOSED' then
    return ARGUMENTS
  end
  if redis.call('HLEN', lines_key) ~= 3 * lines or redis.call('HLEN', invited_key) ~= stores then
    return { 'incomplete' }
  end
  redis.call('HDEL', round_key, 'loading')
  redis.call('HSET', round_key, 'opens_ms', decimal(opens_ms), 'closes_ms', decimal(closes_ms), 'shift_ms',
    decimal(shift_ms), 'last_ms', decimal(last_ms), 'intent_no', decimal(intent_no), 'day', day, 'period', period,
    'dock_day', dock_day, 'pause_no', pause_no, 'paused_ms', paused_ms, 'state', state)
  return { 'ok' }
end
