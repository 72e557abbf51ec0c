-- SPDX-License-Identifier: Apache-2.0
-- wrk: posts the lines of the file BODIES in turn to /jws/validate and counts answers
-- that are not 200. With PAUSE_MS each connection waits so long on average, and never the
-- same time twice, before it asks again: so load can be less than all there is.
local requests, at = {}, 0
local pause = tonumber(os.getenv("PAUSE_MS") or "0")

if pause > 0 then
  function delay()
    return math.random(0, 2 * pause)
  end
end

function init(args)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "text/plain"
  for line in io.lines(os.getenv("BODIES")) do
    requests[#requests + 1] = wrk.format("POST", "/jws/validate", nil, line)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.bytes, summary.errors.status + summary.errors.read + summary.errors.write
    + summary.errors.timeout + summary.errors.connect, latency:percentile(99), latency:percentile(50)))
end
