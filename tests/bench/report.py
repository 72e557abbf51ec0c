# SPDX-License-Identifier: Apache-2.0
"""What tests/bench/run found, as pages: the block of docs/performance.md between its two
marks, and docs/performance.svg, which the README shows. Both say what was measured and
nothing else; what follows from it is written by hand around the block."""
import os
import platform
import re
import subprocess

BEGIN = "<!-- written by make bench -->"
END = "<!-- end of what make bench wrote -->"


def first_line(*command):
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return ((done.stdout + done.stderr).strip().splitlines() or [""])[0]


def machine():
    """Processor, cores, system, and the versions of what was compared."""
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        info = f.read()
    model = re.search(r"^model name\s*:\s*(.+)$", info, re.M)
    with open("/etc/os-release", encoding="utf-8") as f:
        system = re.search(r'^PRETTY_NAME="?([^"\n]+)', f.read(), re.M)
    versions = [re.sub(r"\s*\(.*", "", first_line("openssl", "version")),
                first_line("nginx", "-v").replace("nginx version: ", ""),
                re.sub(r"^(HAProxy) version (\S+?)[-+ ].*", r"\1 \2", first_line("haproxy", "-v")),
                first_line("gcc", "--version").replace("gcc (Debian ", "gcc (")]
    return (f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} cores; "
            f"{system.group(1) if system else platform.system()}, Linux {platform.release()}; "
            + "; ".join(v for v in versions if v))


def write_page(path, table):
    """Puts the table between the marks of the page."""
    with open(path, encoding="utf-8") as f:
        page = f.read()
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"{before}{BEGIN}\n{machine()}.\n\n```\n{table.rstrip()}\n```\n{END}{after}")


STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 15px; font-weight: 600 }
  .small { font-size: 12px; fill: #59636e }
  .ours { fill: #0969da }
  .other { fill: #afb8c1 }
  .axis { stroke: #d1d9e0 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .small { fill: #9198a1 }
    .ours { fill: #4493f8 }
    .other { fill: #656c76 }
    .axis { stroke: #3d444d }
  }
"""

# name in the figures, words, is it ours
BARS = [
    ("nginx.return200", "nginx, return 200: checks nothing", False),
    ("tokenhouse.hs256", "Tokenhouse, HS256", True),
    ("haproxy.hs256", "HAProxy, jwt_verify HS256", False),
    ("tokenhouse.es256", "Tokenhouse, ES256", True),
    ("haproxy.es256", "HAProxy, jwt_verify ES256", False),
    ("openssl.p256", "OpenSSL alone: a P-256 verification, no HTTP", False),
]
WIDTH, LEFT, BAR, GAP, TOP = 760, 290, 22, 12, 64


def write_picture(path, figures):
    """Requests a second of one core as bars."""
    values = [figures.get(f"{name}.rps") or figures[f"{name}.verify_per_s"]
              for name, _, _ in BARS]
    scale = (WIDTH - LEFT - 110) / max(values)
    height = TOP + len(BARS) * (BAR + GAP) + 14
    said = "; ".join(f"{words}: {value:,.0f}" for (_, words, _), value in zip(BARS, values))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
           f'role="img" aria-labelledby="t d">',
           '<title id="t">Signed requests a second on one core</title>',
           f'<desc id="d">{said}</desc>', f"<style>{STYLE}</style>",
           '<text class="title" x="12" y="24">Signed requests a second on one core</text>',
           '<text class="small" x="12" y="44">By CPU time for a request, user and system; '
           'all in one run of make bench</text>',
           f'<line class="axis" x1="{LEFT}" y1="{TOP - 6}" x2="{LEFT}" y2="{height - 16}"/>']
    for i, ((_, words, is_ours), value) in enumerate(zip(BARS, values)):
        y = TOP + i * (BAR + GAP)
        width = max(2, value * scale)
        out += [f'<text x="{LEFT - 10}" y="{y + 16}" text-anchor="end">{words}</text>',
                f'<rect class="{"ours" if is_ours else "other"}" x="{LEFT}" y="{y}" '
                f'width="{width:.1f}" height="{BAR}" rx="3"/>',
                f'<text x="{LEFT + width + 8:.1f}" y="{y + 16}">{value:,.0f}</text>']
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(out) + "\n</svg>\n")
