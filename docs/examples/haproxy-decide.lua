-- Asks Tokenhouse whether a request may pass (docs/gateways.md). Sets the variables
-- txn.tokenhouse_* of one that may; answers one that may not, in Tokenhouse's own words.

local DECIDE = "http://127.0.0.1:8482/decide"
local TIMEOUT_MS = 2000

-- The body stays here, and the connection is our own.
local NOT_PASSED_ON = {
    ["connection"] = true,
    ["content-length"] = true,
    ["expect"] = true,
    ["host"] = true,
    ["keep-alive"] = true,
    ["te"] = true,
    ["transfer-encoding"] = true,
    ["upgrade"] = true,
}

-- A body must have been signed. One byte of it is never read here.
local function has_body(txn)
    local length = txn.f:req_fhdr("content-length")
    return txn.f:req_fhdr("transfer-encoding") ~= nil or (length ~= nil and length ~= "0")
end

-- What we say of the request; what a caller wrote under these names is left out.
local function describe(txn)
    return {
        ["x-forwarded-method"] = {txn.f:method()},
        ["x-forwarded-uri"] = {txn.f:pathq()},
        ["x-forwarded-host"] = {txn.f:req_fhdr("host")},
        ["x-forwarded-proto"] = {txn.f:ssl_fc() == 1 and "https" or "http"},
        ["x-forwarded-body"] = {has_body(txn) and "1" or "0"},
        ["x-forwarded-for"] = {txn.f:src()},
    }
end

local function headers_to_send(txn)
    local headers = {}
    for name, values in pairs(txn.http:req_get_headers()) do
        if not NOT_PASSED_ON[name] then
            headers[name] = {}
            for i = 0, #values do
                headers[name][i + 1] = values[i]
            end
        end
    end
    for name, values in pairs(describe(txn)) do
        headers[name] = values
    end
    return headers
end

local function first(headers, name)
    local values = headers and headers[name]
    return values and (values[0] or values[1])
end

local function refuse(txn, answer)
    local reply = txn:reply()
    reply:set_status(answer.status)
    reply:add_header("content-type", "application/json")
    for _, name in ipairs({"www-authenticate", "accept-signature", "retry-after", "x-request-id"}) do
        local value = first(answer.headers, name)
        if value then
            reply:add_header(name, value)
        end
    end
    reply:set_body(answer.body or "")
    txn:done(reply)
end

core.register_action("decide", {"http-req"}, function(txn)
    local answer = core.httpclient():get({
        url = DECIDE, headers = headers_to_send(txn), timeout = TIMEOUT_MS,
    })
    local type = answer and first(answer.headers, "content-type")
    if not answer or (answer.status ~= 200 and type ~= "application/json") then
        return -- no answer of Tokenhouse's: no variable is set: the configuration denies
    end
    if answer.status ~= 200 then
        return refuse(txn, answer)
    end
    for _, what in ipairs({"token", "title", "owner", "permissions", "body"}) do
        txn:set_var("txn.tokenhouse_" .. what, first(answer.headers, "x-tokenhouse-" .. what) or "")
    end
    local identity = first(answer.headers, "tokenhouse-identity")
    if identity then
        txn:set_var("txn.tokenhouse_identity", identity)
    end
end)
