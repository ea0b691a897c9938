-- Says that a node is there with so many sessions and stores, and tells how many there are on all nodes that said so within
-- five seconds. The clock is Redis', so that the nodes need not agree on theirs.
-- KEYS  presence
-- ARGV  node; sessions; stores (a node whose sessions are empty text leaves)
-- Replies  {"ok", nodes, sessions, stores}; {"corrupt", what}
local presence_key = KEYS[1]
local node, sessions, stores = ARGV[1], ARGV[2], ARGV[3]
local now, OLD_MS = now_since(0), 5000

local leaves = sessions == ''
if not leaves and not (count(sessions) and count(stores)) then return { 'corrupt', 'arguments' } end
local node_total, session_total, store_total, gone = 0, 0, 0, { node }
local entries = redis.call('HGETALL', presence_key)
for k = 1, #entries, 2 do
  local at_ms, its_sessions, its_stores = string.match(entries[k + 1], '^(%d+)|(%d+)|(%d+)$')
  at_ms = stored(at_ms)
  if not at_ms or now - at_ms > OLD_MS then
    gone[#gone + 1] = entries[k]
  elseif entries[k] ~= node then
    node_total = node_total + 1
    session_total, store_total = session_total + tonumber(its_sessions), store_total + tonumber(its_stores)
  end
end
redis.call('HDEL', presence_key, unpack(gone))
if not leaves then
  redis.call('HSET', presence_key, node, decimal(now) .. '|' .. sessions .. '|' .. stores)
  node_total = node_total + 1
  session_total, store_total = session_total + tonumber(sessions), store_total + tonumber(stores)
end
return { 'ok', decimal(node_total), decimal(session_total), decimal(store_total) }
