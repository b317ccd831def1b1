-- Sends the tag's events, each with an id of its own, from the shops of a file in turn, as phones' browsers would.
-- Requests are put together of pieces that were made before: the time that the load takes is not the server's.
-- wrk -s tag.lua http://host -- <file of "key host" lines> <events a request> <run>
local shops, at, count, size, sent = {}, 0, 0, 1, nil
local ID, VISITOR = string.rep("i", 36), string.rep("v", 24)
local EVENT = '{"id":"' .. ID .. '","name":"page","at":"%s","page":"https://%s/lamps/a-lamp-with-a-name?utm_source=newsletter",'
  .. '"referrer":"https://%s/","title":"Lamps that warm a room","visitor":"' .. VISITOR .. '","click":null,'
  .. '"claim":null,"consent":{"ad_storage":"granted","analytics_storage":"granted","ad_user_data":"denied",'
  .. '"ad_personalization":"denied"},"data":{"category":"lamps","price":"80.00","stock":12}}'

-- What stands before, between and after the events' ids and visitors of a shop's request.
local function pieces(key, host, now, headers)
  local event, events = EVENT:format(now, host, host), {}
  for number = 1, size do events[number] = event end
  local body = '{"key":"' .. key .. '","sent_at":"' .. now .. '","events":[' .. table.concat(events, ",") .. "]}"
  local whole, found, from = wrk.format("POST", "/tag/v1/events", headers, body), {}, 1
  for number = 1, size do
    for _, mark in ipairs({ ID, VISITOR }) do
      local first, last = whole:find(mark, from, true)
      found[#found + 1] = whole:sub(from, first - 1)
      found[#found + 1] = ""
      from = last + 1
    end
  end
  found[#found + 1] = whole:sub(from)
  return found
end

function init(arguments)
  size = tonumber(arguments[2])
  local now = os.date("!%Y-%m-%dT%H:%M:%S") .. ".000Z"
  -- The time at the front, as UUID version 7 has it.
  sent = string.format("%012x", os.time() * 1000):gsub("^(%x%x%x%x%x%x%x%x)", "%1-")
  sent = string.format("%s-7%03x-8000-", sent, tonumber(arguments[3]))
  local headers = {
    ["Content-Type"] = "text/plain;charset=UTF-8",
    ["User-Agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    ["Accept-Language"] = "de-DE,de;q=0.9,en;q=0.8",
    ["Origin"] = "https://shop.example",
    ["Referer"] = "https://shop.example/",
  }
  for line in io.lines(arguments[1]) do
    local key, host = line:match("^(%S+) (%S+)$")
    shops[#shops + 1] = pieces(key, host, now, headers)
  end
end

function request()
  at = at % #shops + 1
  local made = shops[at]
  for number = 1, size do
    count = count + 1
    made[number * 4 - 2] = string.format("%s%012x", sent, count)
    made[number * 4] = string.format("v1-%08d-5c6d7e8f9012", count % 5000)
  end
  return table.concat(made)
end
