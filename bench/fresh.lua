-- Another value in each request for the header that the first argument names: every client is a new one.
-- With a second argument so many values in turn, the same in every run.
local name
local most
local count = 0

function init(arguments)
  name = arguments[1]
  most = tonumber(arguments[2])
  -- No two runs draw the same values.
  math.randomseed(os.time())
  if most == nil then
    count = math.random(1000000000) * 1000000
  end
end

function request()
  count = count + 1
  local value = count
  if most ~= nil then
    value = count % most
  end
  wrk.headers[name] = string.format("%.0f", value)
  return wrk.format()
end
