-- Decides up to 64 claims of one round. Each is judged by what stands in Redis at this moment and by the claims before it
-- in the call; what is decided is taken, kept under its id and logged in one entry, all or nothing. A known id gets its
-- first verdict. A call that decides nothing writes nothing.
-- KEYS  pool, round, lines, invited, taken, claims, counters, suspended, users, log
-- ARGV  epoch; round id; deadline_ms; backlog_max; then one packed claim each:
--       `claim|hash|store|user|mode|auth version|line,qty;…`
-- Replies  {"ok", now_ms, then two words a claim: "D", packed verdict: decided now; "K", packed: decided before;
--          "N", reason: not decided};
--          {"stale", now_ms} past the deadline; {"unknown", now_ms} round not loaded; {"fenced"}; {"epoch", e};
--          {"corrupt", what}
local pool_key, round_key, lines_key, invited_key, taken_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local claims_key, counters_key, suspended_key, users_key, log_key = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local epoch, round_id, deadline_ms, backlog_max = ARGV[1], ARGV[2], count(ARGV[3]), count(ARGV[4])
local before_claims = 4
local claim_count = #ARGV - before_claims
local CLAIMS_MAX, LINES_MAX, QTY_MAX = 64, 20, 10000000

local find, sub, byte, concat = string.find, string.sub, string.byte, table.concat
local pack_bytes, unpack_bytes = struct.pack, struct.unpack
local call = redis.call

-- Which code names the claim's reason when several lines fail: the first in this order.
local RANK = { E06 = 1, E07 = 2, E08 = 3, E09 = 4, E10 = 5, E11 = 6, E12 = 7, E13 = 8, E17 = 9, E14 = 10 }

-- The fence, then the round.

local pool = call('HMGET', pool_key, 'run_id', 'epoch', 'n', 'appended', 'written')
local refusal = fence(pool[1], pool[2], epoch)
if refusal then return refusal end
local n, appended, written = stored(pool[3]), stored(pool[4]), stored(pool[5])
if not (n and appended and written) then return { 'corrupt', 'pool' } end
if not deadline_ms or not backlog_max or claim_count < 1 or claim_count > CLAIMS_MAX then
  return { 'corrupt', 'arguments' }
end

local round = call('HMGET', round_key, 'state', 'epoch', 'opens_ms', 'closes_ms', 'shift_ms', 'last_ms', 'paused_ms',
  'closed_ms', 'day', 'period', 'dock_day')
local state = round[1]
if not state or round[2] ~= epoch then return { 'unknown', decimal(now_since(0)) } end
local opens_ms, closes_ms, shift_ms, last_ms = stored(round[3]), stored(round[4]), stored(round[5]), stored(round[6])
local day, period, dock_day = round[9], round[10], round[11]
if not (opens_ms and closes_ms and shift_ms and last_ms and day and period and dock_day) then
  return { 'corrupt', 'round' }
end
local now = now_since(last_ms)
local now_text = decimal(now)
if now > deadline_ms then return { 'stale', now_text } end
opens_ms, closes_ms = opens_ms + shift_ms, closes_ms + shift_ms

-- Why no claim of the round can be decided now; nil while it is open.
local shut
if state == 'CLOSED' then
  -- A round that was stopped closed before its time.
  closes_ms = math.min(closes_ms, stored(round[8]) or closes_ms)
  shut = 'E01:' .. decimal(opens_ms) .. ':' .. decimal(closes_ms) .. ':' .. now_text
elseif state == 'WARMING' or now < opens_ms then
  shut = 'E01:' .. decimal(opens_ms) .. ':' .. decimal(closes_ms) .. ':' .. now_text
elseif state == 'PAUSED' then
  if not stored(round[7]) then return { 'corrupt', 'paused_ms' } end
  shut = 'E02:' .. round[7]
elseif state ~= 'OPEN' then
  return { 'corrupt', 'state' }
elseif now >= closes_ms then
  shut = 'E01:' .. decimal(opens_ms) .. ':' .. decimal(closes_ms) .. ':' .. now_text
end

-- Take the claims apart. Ids are opaque and 36 letters wide, so their places are known; refused is what would break a packed
-- text: a `|` or a new line inside. The lines of all claims stand in flat arrays, claim i's from first[i] to last[i].

local ids, heads, stores, modes, first, last = {}, {}, {}, {}, {}, {}
local auth_versions, versions = {}, {} -- of the claims; text → number, or false when it is none
local line_ids, asked, asked_texts, asked_total = {}, {}, {}, 0
local quantities = {} -- text → number, or false when it is none
local offered, line_names, line_fields, line_count = {}, {}, {}, 0
local good_ids, good_count = {}, 0
for i = 1, claim_count do
  local text = ARGV[before_claims + i]
  local good = find(text, '|', 1, true) == 37 and find(text, '|', 38, true) == 70 and find(text, '|', 71, true) == 107
    and find(text, '|', 108, true) == 144 and find(text, '|', 145, true) == 146
    and not find(text, '\n', 1, true)
  local mode = sub(text, 145, 145)
  local bar = good and find(text, '|', 147, true)
  good = bar and not find(text, '|', bar + 1, true) and (mode == 'P' or mode == 'A')
  local version_text = good and sub(text, 147, bar - 1)
  local version = good and versions[version_text]
  if good and version == nil then
    version = count(version_text) or false
    versions[version_text] = version
  end
  good = good and version
  local from = asked_total + 1
  first[i] = from
  local at = good and bar + 1
  while good and at do
    local stop = find(text, ';', at + 37, true)
    local line, quantity = sub(text, at, at + 35), sub(text, at + 37, stop and stop - 1)
    local units = quantities[quantity]
    if units == nil then
      units = find(quantity, '^[1-9]%d*$') and #quantity <= 8 and tonumber(quantity)
      if units and units > QTY_MAX then units = false end
      quantities[quantity] = units or false
    end
    good = units and byte(text, at + 36) == 44 and asked_total - from + 1 < LINES_MAX
    for k = from, asked_total do
      if line_ids[k] == line then good = false end
    end
    if good then
      asked_total = asked_total + 1
      line_ids[asked_total], asked[asked_total], asked_texts[asked_total] = line, units, quantity
      at = stop and stop + 1
    end
  end
  if good then
    local id = sub(text, 1, 36)
    ids[i], heads[i], stores[i], modes[i], last[i] = id, sub(text, 38, 146), sub(text, 71, 106), mode, asked_total
    auth_versions[i] = version
    good_count = good_count + 1
    good_ids[good_count] = id
    for k = from, asked_total do
      local line = line_ids[k]
      if not offered[line] then
        local place = 3 * line_count
        line_count = line_count + 1
        offered[line], line_names[line_count] = line_count, line
        line_fields[place + 1], line_fields[place + 2] = 'def:' .. line, 'left:' .. line
        line_fields[place + 3] = 'sold:' .. line
      end
    end
  else
    ids[i] = false
    asked_total = from - 1
  end
end

local replies = { 'ok', now_text }
if good_count == 0 then
  for i = 1, claim_count do replies[1 + 2 * i], replies[2 + 2 * i] = 'N', 'E20' end
  return replies
end

-- What was decided before, and the lines asked for.

local verdicts = {} -- id → packed, from Redis and from earlier in this call
local known = call('HMGET', claims_key, unpack(good_ids))
for k = 1, good_count do verdicts[good_ids[k]] = known[k] end

-- Whose users were changed since their sessions signed in. An absent user was never changed, which is version 1; one that
-- is ahead of what stands here signed in after a change whose effect is still on its way.
local signed_out = {}
if call('EXISTS', users_key) == 1 then
  local users, of = {}, {}
  for i = 1, claim_count do
    if ids[i] then
      users[#users + 1] = sub(heads[i], 71, 106)
      of[#users] = i
    end
  end
  local newest = call('HMGET', users_key, unpack(users))
  for k = 1, #users do
    local version = stored(newest[k] or '1')
    if not version then return { 'corrupt', 'user ' .. users[k] } end
    if auth_versions[of[k]] < version then signed_out[of[k]] = true end
  end
end

local line_values = call('HMGET', lines_key, unpack(line_fields))
for k = 1, line_count do
  local place, line = 3 * k, line_names[k]
  local definition, left, sold = line_values[place - 2], line_values[place - 1], line_values[place] or '0'
  if definition then
    local number, pack, least, cap, price = string.match(definition, '^(%d+)|(%d+)|(%d+)|(%d+)|(%d+)$')
    number, pack, least, cap, price, left = stored(number), stored(pack), stored(least), stored(cap), stored(price), stored(left)
    if not (number and pack and pack > 0 and least and cap and price and left and stored(sold)) then
      return { 'corrupt', 'line ' .. line }
    end
    offered[line] =
      { number = number, pack = pack, least = least, cap = cap, price = price, left = left, before = left, sold = sold }
  else
    offered[line] = false
  end
end

-- The stores of the claims that are to be decided, read in three calls however many claims there are.

local places, names, store_count = {}, {}, 0
if not shut then
  for i = 1, claim_count do
    local store = stores[i]
    if store and not verdicts[ids[i]] and not places[store] then
      store_count = store_count + 1
      places[store] = store_count
      names[store_count] = store
    end
  end
end
local invited, taken_records, counters, suspended = {}, {}, {}, {}
if store_count > 0 then
  invited = call('HMGET', invited_key, unpack(names))
  taken_records = call('HMGET', taken_key, unpack(names))
  counters = call('HMGET', counters_key, unpack(names))
  -- Nearly always nobody is suspended.
  if call('EXISTS', suspended_key) == 1 then suspended = call('HMGET', suspended_key, unpack(names)) end
end

-- A store's limits and what it has used, by its place, as the claims so far have left it.
local day_key, period_key, dock_key = 'd' .. day, 'p' .. period, 'k' .. dock_day
local line_total, store_opens_ms, until_ms, changed = {}, {}, {}, {}
local cap_round, cap_day, cap_period, cap_dock, cap_credit = {}, {}, {}, {}, {}
local taken, day_units, period_units, dock_units, credit_used, other_dates = {}, {}, {}, {}, {}, {}
local of_line = {} -- 32 × place + line number → units taken of the line

-- Whether the store's records are what they must be.
local function read_store(place)
  local record, units = invited[place], taken_records[place]
  local lines = (#record - 48) / 32
  if lines < 0 or lines % 1 ~= 0 or not counters[place] or #counters[place] % 19 ~= 8 then return false end
  if units and #units ~= 8 * lines + 8 then return false end
  local offset_ms
  offset_ms, cap_round[place], cap_day[place], cap_period[place], cap_dock[place], cap_credit[place] =
    unpack_bytes('<dddddd', record)
  credit_used[place], day_units[place], period_units[place], dock_units[place], other_dates[place] =
    read_counters(counters[place], day_key, period_key, dock_key)
  until_ms[place] = stored(suspended[place] or '0')
  if not (day_units[place] and period_units[place] and dock_units[place] and until_ms[place]) then return false end
  line_total[place], store_opens_ms[place] = lines, opens_ms + offset_ms
  taken[place] = units and unpack_bytes('<d', units) or 0
  return true
end

-- A cap may stand below what was taken before it was set.
local function at_least_0(n)
  return n > 0 and n or 0
end

-- How much of a line the store gets, and why not all of it; third, what it had before. What the basket took before this
-- line is already counted.
local function judge(line, place, units, partial)
  local number = line.number
  -- A line beyond the store's record was not meant for it.
  if number > line_total[place] then return 0, 'E06' end
  local listed, net, gate, need_cap = unpack_bytes('<dddd', invited[place], 17 + 32 * number)
  if listed ~= 1 then return 0, 'E06' end
  if gate >= 0 and net >= gate then return 0, 'E07:' .. decimal(net) .. ':' .. decimal(gate) end
  local pack = line.pack
  if units % pack ~= 0 then
    local fix = units - units % pack
    return 0, 'E08:' .. decimal(pack) .. ':' .. decimal(units) .. ':' .. decimal(fix > 0 and fix or pack)
  end
  if units < line.least then return 0, 'E09:' .. decimal(line.least) .. ':' .. decimal(units) end

  -- The limits in their order. `grant` is what those before let through, in whole packs; a limit below it binds more.
  local grant, reason = units, nil
  local before = of_line[32 * place + number]
  if not before then before = taken_records[place] and unpack_bytes('<d', taken_records[place], 1 + 8 * number) or 0 end
  local cap = need_cap < line.cap and need_cap or line.cap
  local room = at_least_0(cap - before)
  if room < grant then
    grant, reason = room - room % pack, 'E10:' .. decimal(cap) .. ':' .. decimal(room)
    if not partial then return 0, reason end
  end
  room = at_least_0(cap_round[place] - taken[place])
  if room < grant then
    grant = room - room % pack
    reason = 'E11:' .. decimal(cap_round[place]) .. ':' .. decimal(taken[place]) .. ':' .. decimal(room)
    if not partial then return 0, reason end
  end
  room = at_least_0(cap_day[place] - day_units[place])
  if room < grant then
    grant = room - room % pack
    reason = 'E12:' .. decimal(cap_day[place]) .. ':' .. decimal(day_units[place]) .. ':' .. decimal(room) .. ':0'
    if not partial then return 0, reason end
  end
  room = at_least_0(cap_period[place] - period_units[place])
  if room < grant then
    grant = room - room % pack
    reason = 'E12:' .. decimal(cap_period[place]) .. ':' .. decimal(period_units[place]) .. ':' .. decimal(room) .. ':1'
    if not partial then return 0, reason end
  end
  local left_cents, price = at_least_0(cap_credit[place] - credit_used[place]), line.price
  if price * grant > left_cents then
    local need = price * units
    room = (left_cents - left_cents % price) / price
    grant = room - room % pack
    reason = 'E13:' .. decimal(need - left_cents) .. ':' .. decimal(left_cents) .. ':' .. decimal(need)
    if not partial then return 0, reason end
  end
  room = at_least_0(cap_dock[place] - dock_units[place])
  if room < grant then
    grant, reason = room - room % pack, 'E17:' .. decimal(cap_dock[place]) .. ':' .. decimal(room)
    if not partial then return 0, reason end
  end
  room = line.left
  if room < grant then
    grant, reason = room - room % pack, 'E14:' .. line.sold .. ':' .. now_text .. ':' .. decimal(room)
    if not partial then return 0, reason end
  end
  return grant, reason, before
end

-- Gives units, or takes back what a basket cannot keep (negative), in this call's variables only.
local function move(line, place, units)
  line.left = line.left - units
  taken[place], day_units[place] = taken[place] + units, day_units[place] + units
  period_units[place], dock_units[place] = period_units[place] + units, dock_units[place] + units
  credit_used[place] = credit_used[place] + units * line.price
end

-- Decide, in local variables.

local decided_count = 0
local body, verdict_pairs = {}, {}
local middle = '|' .. now_text .. '|' .. epoch .. '|' .. decimal(n + 1) .. '|'
local grants, reasons, befores = {}, {}, {} -- of the claim at hand, by the places of its lines

-- The verdict's text; or nil with the reason why nothing was decided; or nil, nil and what is corrupt.
local function decide(i)
  local from, to, place = first[i], last[i], places[stores[i]]
  local reason
  if not invited[place] then
    reason = 'E04'
  else
    if not taken[place] and not read_store(place) then return nil, nil, 'store ' .. stores[i] end
    if now < store_opens_ms[place] then return nil, 'E03:' .. decimal(store_opens_ms[place]) .. ':' .. now_text end
    if until_ms[place] > now then reason = 'E05:' .. decimal(until_ms[place]) end
  end
  if reason then
    local parts = {}
    for k = from, to do parts[k - from + 1] = line_ids[k] .. ',' .. asked_texts[k] .. ',0,' end
    return heads[i] .. 'R|' .. reason .. middle .. concat(parts, ';')
  end

  local partial = modes[i] == 'P'
  local total, rank = 0, 99
  for k = from, to do
    local line = offered[line_ids[k]]
    local grant, why, before = judge(line, place, asked[k], partial)
    grants[k], reasons[k], befores[k] = grant, why, before
    if why then
      local r = RANK[sub(why, 1, 3)]
      if r < rank then reason, rank = why, r end
    end
    if grant > 0 then
      total = total + grant
      move(line, place, grant)
    end
  end
  if reason and not partial then
    for k = from, to do
      if grants[k] > 0 then move(offered[line_ids[k]], place, -grants[k]) end
      grants[k] = 0
    end
    total = 0
  end
  local parts = ''
  for k = from, to do
    local grant, why = grants[k], reasons[k]
    if grant > 0 then
      local line = offered[line_ids[k]]
      of_line[32 * place + line.number] = befores[k] + grant
      changed[place] = true
      if line.left == 0 then line.sold = now_text end
    end
    local part = line_ids[k] .. ',' .. asked_texts[k] .. ','
      .. (grant == asked[k] and asked_texts[k] or decimal(grant)) .. (why and ',' .. why or ',')
    parts = k == from and part or parts .. ';' .. part
  end
  return heads[i] .. (total == 0 and 'R|' or reason and 'P|' or 'W|') .. (reason or '') .. middle .. parts
end

for i = 1, claim_count do
  local id = ids[i]
  local verdict = id and verdicts[id]
  local word, reason = 'N', nil
  if not id then
    reason = 'E20'
  elseif verdict then
    if sub(verdict, 1, 33) == sub(heads[i], 1, 33) then word = 'K' else reason = 'E20' end
  elseif signed_out[i] then
    reason = 'signed_out'
  else
    for k = first[i], last[i] do
      if not offered[line_ids[k]] then reason = 'E20' end
    end
    if not reason then
      reason = appended + decided_count - written >= backlog_max and 'overloaded:1000' or shut
    end
    if not reason then
      local what
      verdict, reason, what = decide(i)
      if verdict then
        local k = 4 * decided_count
        decided_count = decided_count + 1
        body[k + 1], body[k + 2], body[k + 3], body[k + 4] = k > 0 and '\n' or '', id, '|', verdict
        verdict_pairs[2 * decided_count - 1], verdict_pairs[2 * decided_count] = id, verdict
        verdicts[id] = verdict
        word = 'D'
      elseif what then
        return { 'corrupt', what }
      end
    end
  end
  replies[1 + 2 * i], replies[2 + 2 * i] = word, reason or verdict
end
if decided_count == 0 then return replies end

-- The tail. Every key was read as its type above but the log, so the entry goes first: what could fail, fails before
-- anything was written.

call('XADD', log_key, '*', 'n', decimal(n + 1), 'kind', 'claims', 'round', round_id, 'at', now_text, 'body', concat(body))
call('HSET', claims_key, unpack(verdict_pairs))
call('HSET', round_key, 'last_ms', now_text)
call('HSET', pool_key, 'n', decimal(n + 1), 'appended', decimal(appended + decided_count))
if not next(changed) then return replies end

local new_taken, taken_pairs, counter_pairs, line_pairs, pair_count = {}, {}, {}, {}, 0
for place in pairs(changed) do
  local lines = line_total[place]
  if lines == 1 then
    new_taken[place] = pack_bytes('<dd', taken[place], of_line[32 * place + 1])
  else
    new_taken[place] = pack_bytes('<d', taken[place])
      .. (taken_records[place] and sub(taken_records[place], 9) or string.rep('\0', 8 * lines))
  end
end
for at, units in pairs(of_line) do
  local number = at % 32
  local place = (at - number) / 32
  if line_total[place] > 1 then
    local record = new_taken[place]
    new_taken[place] = sub(record, 1, 8 * number) .. pack_bytes('<d', units) .. sub(record, 8 * number + 9)
  end
end
for place, record in pairs(new_taken) do
  local name = names[place]
  taken_pairs[pair_count + 1], taken_pairs[pair_count + 2] = name, record
  counter_pairs[pair_count + 1] = name
  counter_pairs[pair_count + 2] = pack_counters(credit_used[place], day_key, day_units[place], period_key,
    period_units[place], dock_key, dock_units[place], other_dates[place])
  pair_count = pair_count + 2
end
pair_count = 0
for k = 1, line_count do
  local line = offered[line_names[k]]
  if line and line.left ~= line.before then
    line_pairs[pair_count + 1], line_pairs[pair_count + 2] = 'left:' .. line_names[k], decimal(line.left)
    pair_count = pair_count + 2
    if line.left == 0 then
      line_pairs[pair_count + 1], line_pairs[pair_count + 2] = 'sold:' .. line_names[k], line.sold
      pair_count = pair_count + 2
    end
  end
end
call('HSET', taken_key, unpack(taken_pairs))
call('HSET', counters_key, unpack(counter_pairs))
call('HSET', lines_key, unpack(line_pairs))
return replies
