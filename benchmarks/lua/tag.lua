-- Sends the tag's events, each with an id of its own, from the shops of a file in turn, as phones' browsers would.
-- wrk -s tag.lua http://host -- <file of "key host" lines> <events a request> <run>
local shops, at, count, size, run, headers, now, sent = {}, 0, 0, 1, 0, nil, nil, nil
local EVENT = '{"id":"%s","name":"page","at":"%s","page":"https://%s/lamps/a-lamp-with-a-name?utm_source=newsletter",'
  .. '"referrer":"https://%s/","title":"Lamps that warm a room","visitor":"v1-%08d-5c6d7e8f9012","click":null,'
  .. '"claim":null,"consent":{"ad_storage":"granted","analytics_storage":"granted","ad_user_data":"denied",'
  .. '"ad_personalization":"denied"},"data":{"category":"lamps","price":"80.00","stock":12}}'

function init(arguments)
  for line in io.lines(arguments[1]) do
    local key, host = line:match("^(%S+) (%S+)$")
    shops[#shops + 1] = { key = key, host = host }
  end
  size, run = tonumber(arguments[2]), tonumber(arguments[3])
  now = os.date("!%Y-%m-%dT%H:%M:%S") .. ".000Z"
  -- The time at the front, as UUID version 7 has it.
  sent = string.format("%012x", os.time() * 1000):gsub("^(%x%x%x%x%x%x%x%x)", "%1-")
  headers = {
    ["Content-Type"] = "text/plain;charset=UTF-8",
    ["User-Agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    ["Accept-Language"] = "de-DE,de;q=0.9,en;q=0.8",
    ["Origin"] = "https://shop.example",
    ["Referer"] = "https://shop.example/",
  }
end

local function event(host)
  count = count + 1
  local id = string.format("%s-7%03x-8000-%012x", sent, run, count)
  return EVENT:format(id, now, host, host, count % 5000)
end

function request()
  at = at % #shops + 1
  local shop, events = shops[at], {}
  for number = 1, size do events[number] = event(shop.host) end
  local body = '{"key":"' .. shop.key .. '","sent_at":"' .. now .. '","events":[' .. table.concat(events, ",") .. "]}"
  return wrk.format("POST", "/tag/v1/events", headers, body)
end
