-- Sends the tag's events, each with an id of its own, from the shops of a file in turn, as phones' browsers would.
-- Requests are put together of pieces that were made before: the time that the load takes is not the server's.
-- wrk -s tag.lua http://host -- <file of "key host" lines> <events a request> <run>
local shops, at, size, count, sent = {}, 0, 1, 0, nil
local ID = string.rep("i", 36)
local EVENT = '{"id":"' .. ID .. '","name":"page","at":"%s","page":"https://%s/lamps/a-lamp-with-a-name?utm_source=newsletter",'
  .. '"referrer":"https://%s/","title":"Lamps that warm a room","visitor":"v1-%08d-5c6d7e8f9012","click":null,'
  .. '"claim":null,"consent":{"ad_storage":"granted","analytics_storage":"granted","ad_user_data":"denied",'
  .. '"ad_personalization":"denied"},"data":{"category":"lamps","price":"80.00","stock":12}}'

-- What stands before, between and after the events' ids in a shop's requests.
local function pieces(key, host, now, headers)
  local events, found, from = {}, {}, 1
  for number = 1, size do events[number] = EVENT:format(now, host, host, #shops * size + number) end
  local body = '{"key":"' .. key .. '","sent_at":"' .. now .. '","events":[' .. table.concat(events, ",") .. "]}"
  local whole = wrk.format("POST", "/tag/v1/events", headers, body)
  for number = 1, size do
    local first, last = whole:find(ID, from, true)
    found[2 * number - 1] = whole:sub(from, first - 1)
    from = last + 1
  end
  found[2 * size + 1] = whole:sub(from)
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
    made[2 * number] = string.format("%s%012x", sent, count)
  end
  return table.concat(made)
end
