-- The opening of every script: reading numbers, writing numbers, the clock and the fence.
-- The fence: a server process that was not blessed for the pool decides nothing, and neither does a call of another
-- epoch. A restarted server or a promoted replica has another run_id, so it stays shut until it was rebuilt.
-- Every script answers {"corrupt", what} when an argument or a stored value is not what it must be; nothing is changed.

-- Doubles hold every whole number up to here; it also stands for "no limit", so that no sum below a limit loses a unit.
local NO_LIMIT = 9007199254740991

-- A whole number from a decimal argument, else nil: tonumber alone would let NaN, 1.5, 0x10 and 1e3 through.
local function whole(text)
  if not text or #text > 17 or not string.find(text, '^%-?%d+$') then return nil end
  local n = tonumber(text)
  if n > NO_LIMIT or n < -NO_LIMIT then return nil end
  return n
end

-- The same, and not negative.
local function count(text)
  local n = whole(text)
  if n and n >= 0 then return n end
  return nil
end

-- A count that a script wrote, so its text is decimal; only its range is looked at, which is three times as fast.
local function stored(text)
  local n = tonumber(text or nil)
  if n and n >= 0 and n <= NO_LIMIT and n % 1 == 0 then return n end
  return nil
end

-- A number as decimal text: tostring would lose digits above 10^14. The same few numbers come again and again in a call.
local decimals = {}
local function decimal(n)
  local text = decimals[n]
  if not text then
    text = string.format('%.0f', n)
    decimals[n] = text
  end
  return text
end

-- The same with zeros in front, to 65 digits. A hash with a value that long is kept as a table; short ones stay in a list,
-- in which 64 look-ups among some hundred users would cost half as much as the claims themselves.
local function long_decimal(n)
  return string.format('%065.0f', n)
end

local function this_run_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end

-- nil when this process is the blessed one and the epoch is the pool's; else the reply to give.
local function fence(blessed_run_id, pool_epoch, epoch)
  if not blessed_run_id or not pool_epoch or blessed_run_id ~= this_run_id() then return { 'fenced' } end
  if epoch ~= pool_epoch then return { 'epoch', pool_epoch } end
  return nil
end

-- Milliseconds now, never before `last_ms`: a clock set back re-opens no window. Read once a call, as TIME moves on in it.
local function now_since(last_ms)
  local time = redis.call('TIME')
  return math.max(tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000), last_ms)
end
