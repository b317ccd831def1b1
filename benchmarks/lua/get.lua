-- Gets the addresses of a file in turn, as a phone's browser would.
-- wrk -s get.lua http://host -- <file of paths> [rate]   at a steady rate when one is given
local ffi = require("ffi")
ffi.cdef([[
typedef struct { long seconds; long nanoseconds; } gv_moment;
int clock_gettime(int, gv_moment *);
]])
local moment = ffi.new("gv_moment")
local requests, at, pause_ms, due = {}, 0, 0, nil

local function now_ms()
  ffi.C.clock_gettime(0, moment)
  return tonumber(moment.seconds) * 1000 + tonumber(moment.nanoseconds) / 1e6
end

function init(arguments)
  local headers = {
    ["User-Agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    ["Accept-Language"] = "de-DE,de;q=0.9,en;q=0.8",
    ["Accept"] = "text/html,application/xhtml+xml",
  }
  for path in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
  if arguments[2] then
    pause_ms = 1000 / tonumber(arguments[2])
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
  at = at % #requests + 1
  return requests[at]
end
