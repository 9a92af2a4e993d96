-- Another value in each request for the header that the first argument names: every client is a new one.
local name
local count = 0

function init(arguments)
  name = arguments[1]
  -- No two runs draw the same values.
  math.randomseed(os.time())
  count = math.random(1000000000) * 1000000
end

function request()
  count = count + 1
  wrk.headers[name] = string.format("%.0f", count)
  return wrk.format()
end
