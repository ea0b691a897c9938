-- The packed records of a store, for the scripts that count what stores take. They are little-endian doubles, because a
-- claim reads and writes several of them and taking decimal text apart would be most of its cost.
--   invited:<round> <store>  offset_ms, cap_round, cap_day, cap_period, dock, credit_cents; then for each line in the order
--                            of the lines' numbers: listed (0 or 1), net, gate (−1: none), need_cap
--   taken:<round> <store>    units of the round, then of each line; an absent record is all zeros
--   counters <store>         credit used (cents); then entries of an 11-letter key and a number: `d<day>` units won that
--                            day, `p<period>` in the period, `k<dock day>` due at the dock that day
local COUNTERS = '<dc11dc11dc11d'

-- What the store has used on these dates: credit, day, period, dock, and its entries of other dates as they are. An entry
-- that is not there is nil. The dates of the newest claim stand first, so that one unpack is nearly always enough.
local function read_counters(record, day_key, period_key, dock_key)
  if #record >= 65 then
    local credit, key_1, day, key_2, period, key_3, dock = struct.unpack(COUNTERS, record)
    if key_1 == day_key and key_2 == period_key and key_3 == dock_key then
      return credit, day, period, dock, string.sub(record, 66)
    end
  end
  local used, others = {}, {}
  for at = 9, #record - 18, 19 do
    local key = string.sub(record, at, at + 10)
    if key == day_key or key == period_key or key == dock_key then
      used[key] = struct.unpack('<d', record, at + 11)
    else
      others[#others + 1] = string.sub(record, at, at + 18)
    end
  end
  return struct.unpack('<d', record), used[day_key], used[period_key], used[dock_key], table.concat(others)
end

local function pack_counters(credit, day_key, day, period_key, period, dock_key, dock, others)
  return struct.pack(COUNTERS, credit, day_key, day, period_key, period, dock_key, dock) .. others
end
