-- Makes a device the one with which its user grabs, and tells the nodes when that is another one than before.
-- KEYS  grabbing
-- ARGV  user id; device id; the channel that says so
-- Replies  {"kept", since_us} it was this one already; {"taken", since_us}; {"corrupt", what}
local user, device, channel = ARGV[1], ARGV[2], ARGV[3]
local held = redis.call('HGET', KEYS[1], user)
local since, holder
if held then
  since, holder = held:match('^(%d+)|(.+)$')
  if not since then return { 'corrupt', 'grabbing' } end
  if holder == device then return { 'kept', since } end
end
-- Later than what it replaces, should the clock have gone back; and later than anything from before a loss.
local time = redis.call('TIME')
local now = math.max(time[1] * 1000000 + time[2], (tonumber(since) or 0) + 1)
local text = string.format('%.0f', now)
redis.call('HSET', KEYS[1], user, text .. '|' .. device)
redis.call('PUBLISH', channel, user)
return { 'taken', text }
