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
    versions = [" ".join(first_line("openssl", "version").split()[:2]),
                first_line("nginx", "-v").replace("nginx version: nginx/", "nginx "),
                re.sub(r"^(HAProxy) version (\S+?)[-+ ].*", r"\1 \2", first_line("haproxy", "-v")),
                " ".join(["gcc"] + first_line("gcc", "--version").split()[-1:])]
    linux = ".".join(platform.release().split(".")[:2])
    return (f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} cores; "
            f"{system.group(1) if system else platform.system()}, Linux {linux}; "
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
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .small { fill: #9198a1 }
    .ours { fill: #4493f8 }
    .other { fill: #656c76 }
  }
"""

# title, and for each bar its name in the figures, words, is it ours
GROUPS = [
    ("Signed requests a second on one core", [
        ("nginx.return200.rps", "nginx, return 200: checks nothing", False),
        ("tokenhouse.hs256.rps", "Tokenhouse, HS256", True),
        ("haproxy.hs256.rps", "HAProxy, jwt_verify HS256", False),
        ("tokenhouse.es256.rps", "Tokenhouse, ES256", True),
        ("haproxy.es256.rps", "HAProxy, jwt_verify ES256", False)]),
    ("P-256 signatures verified a second on one core", [
        ("es256.level0.verify_per_s", "OpenSSL", False),
        ("es256.level1.verify_per_s", "by tables, plain C", True),
        ("es256.level2.4000keys.verify_per_s", "in eight lanes, 4,000 keys in turn", True),
        ("es256.level2.verify_per_s", "in eight lanes", True)]),
]
WIDTH, LEFT, BAR, GAP = 760, 262, 22, 10


def draw_group(title, bars, figures, top):
    """The lines of one group, and where the next begins."""
    values = {name: figures[name] for name, _, _ in bars if name in figures}
    scale = (WIDTH - LEFT - 100) / max(values.values())
    out = [f'<text class="title" x="12" y="{top + 16}">{title}</text>']
    top += 30
    for name, words, is_ours in bars:
        if name not in values:
            continue
        width = max(2, values[name] * scale)
        out += [f'<text x="{LEFT - 10}" y="{top + 16}" text-anchor="end">{words}</text>',
                f'<rect class="{"ours" if is_ours else "other"}" x="{LEFT}" y="{top}" '
                f'width="{width:.1f}" height="{BAR}" rx="3"/>',
                f'<text x="{LEFT + width + 8:.1f}" y="{top + 16}">{values[name]:,.0f}</text>']
        top += BAR + GAP
    return out, top + 14


def write_picture(path, figures):
    lines, top = [], 8
    for title, bars in GROUPS:
        drawn, top = draw_group(title, bars, figures, top)
        lines += drawn
    said = "; ".join(f"{words}: {figures[name]:,.0f}" for _, bars in GROUPS
                     for name, words, _ in bars if name in figures)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + 18}" '
           f'role="img" aria-labelledby="t d">',
           '<title id="t">Tokenhouse beside nginx, HAProxy and OpenSSL</title>',
           f'<desc id="d">{said}</desc>', f"<style>{STYLE}</style>", *lines,
           f'<text class="small" x="12" y="{top + 4}">By CPU time, user and system; '
           'what is compared was measured in one run</text>', "</svg>"]
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(out) + "\n")
