-- Delivers signed webhooks, one a line: path, webhook id, signature and body, separated by tabs.
-- wrk -s deliver.lua http://host -- <file> again <prefix>   the file's lines again and again, each time under a new id
-- wrk -s deliver.lua http://host -- <file> once [rate]      every line once; at a steady rate when one is given
local ffi = require("ffi")
ffi.cdef([[
typedef struct { long seconds; long nanoseconds; } gv_moment;
int clock_gettime(int, gv_moment *);
]])
local moment = ffi.new("gv_moment")
local lines, kept, at, count, prefix, pause_ms, due, last = nil, {}, 0, 0, nil, 0, nil, nil

local function now_ms()
  ffi.C.clock_gettime(0, moment)
  return tonumber(moment.seconds) * 1000 + tonumber(moment.nanoseconds) / 1e6
end

local function formatted(line, id)
  local path, own, signature, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
  return wrk.format("POST", path, {
    ["Content-Type"] = "application/json",
    ["X-Shopify-Topic"] = "orders/create",
    ["X-Shopify-Webhook-Id"] = id or own,
    ["X-Shopify-Hmac-Sha256"] = signature,
    ["X-Shopify-Triggered-At"] = "2026-11-22T10:00:00.000000000Z",
    ["User-Agent"] = "Shopify-Captain-Hook",
  }, body)
end

function init(arguments)
  if arguments[2] == "again" then
    prefix = arguments[3]
    for line in io.lines(arguments[1]) do kept[#kept + 1] = line end
    return
  end
  lines = io.open(arguments[1])
  last = formatted(lines:read("*l"))
  if arguments[3] then
    pause_ms = 1000 / tonumber(arguments[3])
    delay = steadily
  end
end

-- Open loop: each request has its moment, whatever became of those before it.
function steadily()
  local now = now_ms()
  due = math.max((due or now) + pause_ms, now - 1000)
  return math.max(0, math.floor(due - now + math.random()))
end

function request()
  count = count + 1
  if prefix then
    at = at % #kept + 1
    return formatted(kept[at], prefix .. count)
  end
  local line = lines:read("*l")
  if line then last = formatted(line) else wrk.thread:stop() end
  return last
end
