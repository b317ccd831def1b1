-- Gets the addresses of a file in turn, as a phone's browser would.
-- wrk -s get.lua http://host -- <file of paths>
local requests, at = {}, 0

function init(arguments)
  local headers = {
    ["User-Agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    ["Accept-Language"] = "de-DE,de;q=0.9,en;q=0.8",
    ["Accept"] = "text/html,application/xhtml+xml",
  }
  for path in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
