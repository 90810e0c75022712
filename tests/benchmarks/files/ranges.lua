-- For wrk: random 64-kB ranges of one file, each answer looked at.
-- SIGHTHOUND_BYTES is the length of the file.
local size, piece = tonumber(os.getenv("SIGHTHOUND_BYTES")), 65536
local threads = {}
wrong = 0

function setup(thread)
  table.insert(threads, thread)
end

function init(_)
  math.randomseed(7)
end

function request()
  local start = math.random(0, size - piece)
  return wrk.format("GET", nil, { Range = "bytes=" .. start .. "-" .. (start + piece - 1) })
end

function response(status, _, body)
  if status ~= 206 or #body ~= piece then wrong = wrong + 1 end
end

function done(summary, latency, _)
  local errors, bad = summary.errors, 0
  for _, thread in ipairs(threads) do bad = bad + thread:get("wrong") end
  bad = bad + errors.connect + errors.read + errors.write + errors.status + errors.timeout
  -- requests, microseconds, errors, median and 99th percentile of latency in microseconds
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, bad,
    latency:percentile(50), latency:percentile(99)))
end
