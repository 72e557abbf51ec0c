# SPDX-License-Identifier: Apache-2.0
"""In front of an API: the same requests through us, through nginx that checks nothing, and
through HAProxy that verifies ES256, to an nginx on the other core that answers 1 KB."""
import json
import os
import statistics
import time

DESCRIPTION = json.dumps({
    "openapi": "3.0.3", "info": {"title": "Bench", "version": "1"},
    "paths": {path: {"get": {
        "operationId": name, "x-tokenhouse": {"permissions": []},
        "responses": {"200": {"description": "ok"}}}}
        for name, path in (("get-thing", "/things/{id}"), ("get-long", "/long"))}})
LONG_BYTES = 1 << 30
QUIET = """daemon off; worker_processes 1; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; client_body_temp_path {folder}/b;
  proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s; client_body_buffer_size 64k;
  {inside}
}}
"""


def start_nginx(bench, name, inside, core):
    folder = os.path.join(bench.WORK, name)
    os.makedirs(folder, exist_ok=True)
    conf = bench.write(f"{name}.conf", QUIET.format(folder=folder, inside=inside))
    server = bench.Server(["nginx", "-e", "stderr", "-c", conf],
                          log=os.path.join(bench.WORK, f"{name}.log"), cores=core)
    time.sleep(0.5)
    return server


def start_haproxy(bench, port, api, key):
    conf = bench.write("haproxy-proxy.cfg", f"""
global
  nbthread 1
  tune.bufsize 32768
defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 5s
  timeout http-request 10s
  http-reuse always
frontend f
  bind 127.0.0.1:{port}
  option http-buffer-request
  http-request return status 401 unless {{ req.body,jwt_verify(ES256,{key}) -m int 1 }}
  default_backend b
backend b
  server api 127.0.0.1:{api}
""")
    server = bench.Server(["haproxy", "-db", "-f", conf],
                          log=os.path.join(bench.WORK, "haproxy-proxy.log"))
    time.sleep(0.5)
    return server


def add_upstream(bench, data, port):
    bench.tokenhouse("upstream", "add", "Bench", "--data", data, "--openapi",
                     bench.write("bench.json", DESCRIPTION), "--prefix", "/", "--url",
                     f"http://127.0.0.1:{port}", "--connect-timeout", "2000",
                     "--first-byte-timeout", "10000")


def open_house(bench, name, api, reuse_s):
    data = bench.new_data(name)
    with open(os.path.join(data, "tokenhouse.ini"), "a", encoding="utf-8") as f:
        f.write(f"[gate]\nidentity_reuse_s = {reuse_s}\n")
    bench.tokenhouse("keygen", "--out-private", f"{bench.WORK}/{name}.pem", "--out-public",
                     f"{bench.WORK}/{name}.pub.pem")
    hs = bench.token(data, "bench hs256")
    es = bench.token(data, "bench es256", "--public-key", f"{bench.WORK}/{name}.pub.pem")
    add_upstream(bench, data, api)
    secret = bench.write(f"{name}.secret", hs["secret"], 0o600)
    bodies = {
        "hs256": bench.presign("HS256", hs["id"], secret, "/things/1", "", 20000, f"{name}.hs"),
        "es256": bench.presign("ES256", es["id"], f"{bench.WORK}/{name}.pem", "/things/1", "",
                               20000, f"{name}.es"),
    }
    return (*bench.serve(data, name), bodies, (hs["id"], secret))


def proxies(bench, figures, rows):
    api, plain, checked = bench.free_port(), bench.free_port(), bench.free_port()
    with open(os.path.join(bench.WORK, "long"), "wb") as long:
        long.truncate(LONG_BYTES)
    os.chmod(bench.WORK, 0o711)  # nginx's workers are nobody's when it is started by root
    upstream = start_nginx(bench, "proxied", f"sendfile on; server {{ listen 127.0.0.1:{api}; "
                           f"location / {{ return 200 '{'x' * 1024}'; }} "
                           f"location = /long {{ root {bench.WORK}; }} }}", bench.LOAD_CORE)
    nginx = start_nginx(
        bench, "proxy", f"upstream api {{ server 127.0.0.1:{api}; keepalive 128;"
        f" keepalive_requests 1000000000; }} server {{ listen 127.0.0.1:{plain};"
        " location / { proxy_pass http://api; proxy_http_version 1.1;"
        " proxy_set_header Connection ''; } }", bench.SERVER_CORE)
    house, port, bodies, token = open_house(bench, "proxy-house", api, 0)
    kept, kept_port, kept_bodies, _ = open_house(bench, "proxy-kept", api, 5)
    haproxy = start_haproxy(bench, checked, api, f"{bench.WORK}/proxy-house.pub.pem")
    runs = [
        ("nginx.proxy", nginx, plain, bodies["hs256"]),
        ("haproxy.proxy.es256", haproxy, checked, bodies["es256"]),
        ("tokenhouse.proxy.hs256", house, port, bodies["hs256"]),
        ("tokenhouse.proxy.es256", house, port, bodies["es256"]),
        ("tokenhouse.proxy.hs256.kept", kept, kept_port, kept_bodies["hs256"]),
        ("tokenhouse.proxy.es256.kept", kept, kept_port, kept_bodies["es256"]),
    ]
    found = {name: [] for name, *_ in runs}
    for _ in range(bench.ROUNDS):
        for name, server, at, body in runs:
            found[name].append(bench.load(server, at, body))
    for name, *_ in runs:
        middle = bench.median_of(found[name])
        figures[name + ".cpu_us"] = middle["cpu_us"]
        figures[name + ".rps"] = 1e6 / middle["cpu_us"]
        rows.append((name, f"{middle['cpu_us']:.2f}", f"{middle['user_us']:.2f}",
                     f"{1e6 / middle['cpu_us']:,.0f}", f"{middle['rps']:,.0f}",
                     f"{middle['p99_ms']:.2f}"))
    added_latency(bench, figures, (upstream, api), (house, port), bodies["hs256"])
    streams(bench, figures, (house, port, token), (nginx, plain))
    for server in (house, kept, nginx, haproxy, upstream):
        server.stop()


def added_latency(bench, figures, direct, through, bodies):
    """At half of what the upstream's core gives to both: the middle request through us, less
    the middle one straight to the API."""
    middles = []
    for server, port in (direct, through):
        middles.append(statistics.median(
            bench.load(server, port, bodies, connections=32, pause_ms=2)["p50_us"]
            for _ in range(bench.ROUNDS)))
    figures["tokenhouse.proxy.added_p50_us"] = middles[1] - middles[0]


def streams(bench, figures, ours, plain):
    """A long answer to one caller: CPU time of the server for it, and what our process has
    grown by. nginx gets the same request; it does not look at it."""
    house, port, token = ours
    nginx, nginx_port = plain
    took = {"tokenhouse": [], "nginx": []}
    before = house.rss_bytes()
    for _ in range(bench.ROUNDS):
        body = bench.presign("HS256", *token, "/long", "", 1, "long.hs")
        for name, server, at, more in (
                ("tokenhouse", house, f"{port}/jws/validate",
                 ["-H", "Content-Type: text/plain", "--data", f"@{body}"]),
                ("nginx", nginx, f"{nginx_port}/long", [])):
            start = sum(server.cpu_s())
            size = bench.sh("taskset", "-c", bench.LOAD_CORE, "curl", "-sS", "--fail", "-o",
                            "/dev/null", "-w", "%{size_download}", *more,
                            f"http://127.0.0.1:{at}")
            if int(size) != LONG_BYTES:
                raise SystemExit(f"{name}: {size} bytes came of {LONG_BYTES}")
            took[name].append(sum(server.cpu_s()) - start)
    for name, seconds in took.items():
        figures[name + ".proxy.stream.gb_per_cpu_s"] = 1 / statistics.median(seconds)
    figures["tokenhouse.proxy.stream.grown_mb"] = (house.rss_bytes() - before) / (1 << 20)


def goals(figures):
    """As shipped, where each forwarded request is signed for, and with identities that are
    kept for a while (identity_reuse_s): the same goals for both."""
    ratios = []
    for words, alg, beside, wanted in (
            ("proxy HS256 / nginx", "hs256", "nginx.proxy", 0.95),
            ("proxy ES256 / HAProxy", "es256", "haproxy.proxy.es256", 4)):
        for how, name in (("as shipped", ""), ("kept", ".kept")):
            ratios.append((f"{words}, {how}", figures[f"tokenhouse.proxy.{alg}{name}.rps"]
                           / figures[beside + ".rps"], wanted, 1))
    return ratios + [
        ("proxy added p50, µs", figures["tokenhouse.proxy.added_p50_us"], 150, -1),
        ("proxy, 1 GB / nginx", figures["tokenhouse.proxy.stream.gb_per_cpu_s"]
         / figures["nginx.proxy.stream.gb_per_cpu_s"], 0.7, 1),
        ("proxy, 1 GB: process grows, MB", figures["tokenhouse.proxy.stream.grown_mb"], 16, -1),
    ]
