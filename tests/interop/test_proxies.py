"""Servers in front of a registry: through none does a stranger get a section, and through each a signed reader does.

Each is tried in the configuration of docs/deploy, and in the least one that hands requests on, with all the defaults of
its program. The requests go over TLS where the proxy speaks it.
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.support.root import ROOT
from tests.support.running import PATIENCE, free_port, running
from tests.support.served import Served
from tests.support.session_browsers import OFFERED, SESSION
from tests.support.world import Actor
from verifier.base.private_keys import SigningKey
from verifier.programs.request_signing import RequestSigner

DEPLOY = ROOT / "docs" / "deploy"
NAME = "registry.example"

NGINX = """daemon off;
user root;
pid {folder}/nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u;
    scgi_temp_path {folder}/s;
    include {file};
}}
"""
NGINX_LEAST = "server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{backend}; }} }}"
HAPROXY_LEAST = """defaults
    mode {mode}
    timeout connect 5s
    timeout client 30s
    timeout server 30s
listen world
    bind 127.0.0.1:{port}
    server one 127.0.0.1:{backend}
"""


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """A program in front: ``write`` makes its files (folder, port, the registry's port, certificates) and gives its
    command; ``path`` is the public URL's."""

    program: str
    write: Callable[[Path, int, int, Path], list[str]]
    path: str = ""
    tls: bool = True


def documented(file: str, *changes: tuple[str, str]) -> str:
    """A configuration of docs/deploy with other addresses; a change that finds nothing to change is a mistake."""
    text = (DEPLOY / file).read_text("utf-8")
    for old, new in changes:
        assert old in text, f"docs/deploy/{file} has no {old!r} any more"
        text = text.replace(old, new)
    return text


def nginx(folder: Path, text: str) -> list[str]:
    (folder / "site.conf").write_text(text)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, file=folder / "site.conf"))
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def nginx_documented(folder: Path, port: int, backend: int, cert: Path) -> list[str]:
    changes = (("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), ("127.0.0.1:8080", f"127.0.0.1:{backend}"),
               ("/etc/ssl/registry", str(cert)))  # fmt: skip
    return nginx(folder, documented("nginx.conf", *changes))


def nginx_least(folder: Path, port: int, backend: int, cert: Path) -> list[str]:
    return nginx(folder, NGINX_LEAST.format(port=port, backend=backend))


def caddy(folder: Path, text: str) -> list[str]:
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + text)
    return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def caddy_documented(folder: Path, port: int, backend: int, cert: Path) -> list[str]:
    site = f"https://{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {cert}/fullchain.pem {cert}/privkey.pem\n"
    changes = ((f"\n{NAME} {{\n", f"\n{site}"), ("127.0.0.1:8080", f"127.0.0.1:{backend}"))
    return caddy(folder, documented("Caddyfile", *changes))


def caddy_least(folder: Path, port: int, backend: int, cert: Path) -> list[str]:
    return caddy(folder, f"http://:{port} {{\n\tbind 127.0.0.1\n\treverse_proxy 127.0.0.1:{backend}\n}}\n")


def haproxy(folder: Path, text: str) -> list[str]:
    (folder / "haproxy.cfg").write_text(text)
    return ["haproxy", "-db", "-f", str(folder / "haproxy.cfg")]


def haproxy_documented(folder: Path, port: int, backend: int, cert: Path) -> list[str]:
    changes = (("bind :443", f"bind 127.0.0.1:{port}"), ("127.0.0.1:8080", f"127.0.0.1:{backend}"),
               ("/etc/ssl/registry", str(cert)))  # fmt: skip
    return haproxy(folder, documented("haproxy.cfg", *changes))


def haproxy_least(mode: str) -> Callable[[Path, int, int, Path], list[str]]:
    return lambda folder, port, backend, cert: haproxy(
        folder, HAPROXY_LEAST.format(mode=mode, port=port, backend=backend)
    )


def stunnel(folder: Path, port: int, backend: int, cert: Path) -> list[str]:
    changes = (("accept = 443", f"accept = 127.0.0.1:{port}"), ("127.0.0.1:8080", f"127.0.0.1:{backend}"),
               ("/etc/ssl/registry", str(cert)))  # fmt: skip
    text = documented("stunnel.conf", *changes)
    (folder / "stunnel.conf").write_text(f"foreground = yes\npid =\n{text}")
    return ["stunnel4", str(folder / "stunnel.conf")]


PROXIES = {
    "nginx": Proxy(program="nginx", write=nginx_documented, path="/log"),
    "nginx-least": Proxy(program="nginx", write=nginx_least, tls=False),
    "caddy": Proxy(program="caddy", write=caddy_documented, path="/log"),
    "caddy-least": Proxy(program="caddy", write=caddy_least, tls=False),
    "haproxy": Proxy(program="haproxy", write=haproxy_documented, path="/log"),
    "haproxy-http-least": Proxy(program="haproxy", write=haproxy_least("http"), tls=False),
    "haproxy-tcp-least": Proxy(program="haproxy", write=haproxy_least("tcp"), tls=False),
    "stunnel": Proxy(program="stunnel4", write=stunnel),
}


@dataclass(frozen=True, kw_only=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: Mapping[str, str]


@dataclass(kw_only=True)
class Site:
    """A registry behind a proxy. ``key`` is the licensee's of the ``consent``, an id."""

    port: int
    proxy: Proxy
    key: SigningKey
    consent: str

    def get(
        self, path: str, key: SigningKey | None = None, headers: Mapping[str, str] = MappingProxyType({})
    ) -> Answered:
        """Ask for a path of the registry's, as somebody or as a stranger."""
        return self.ask("GET", path, None, key, headers)

    def ask(
        self, method: str, path: str, body: bytes | None, key: SigningKey | None, headers: Mapping[str, str]
    ) -> Answered:
        whole = self.proxy.path + path
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        connection.sock = _anyone().wrap_socket(plain, server_hostname=NAME) if self.proxy.tls else plain
        sent = {"Host": NAME if self.proxy.tls else f"127.0.0.1:{self.port}", **headers}
        if key is not None:
            sent |= RequestSigner(key).headers(method, NAME, whole, "", body)
        try:
            connection.request(method, whole, body, sent)
            response = connection.getresponse()
            set_here = SimpleCookie()
            for text in response.headers.get_all("Set-Cookie") or ():
                set_here.load(text)
            cookies = {name: one.value for name, one in set_here.items()}
            return Answered(
                status=response.status, headers=dict(response.headers), body=response.read(), cookies=cookies
            )
        finally:
            connection.close()


def _anyone() -> ssl.SSLContext:
    """A client that takes the test's certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@pytest.fixture(scope="module")
def cert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate under the names that a certificate authority's client gives its files."""
    folder = tmp_path_factory.mktemp("cert")
    if shutil.which("openssl") is None:
        pytest.skip("no openssl: scripts/interop installs it")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", folder / "privkey.pem",
         "-out", folder / "fullchain.pem"],
        check=True, capture_output=True, timeout=PATIENCE,
    )  # fmt: skip
    both = (folder / "fullchain.pem").read_bytes() + (folder / "privkey.pem").read_bytes()
    (folder / "both.pem").write_bytes(both)
    (folder / "both.pem").chmod(0o600)
    return folder


@contextmanager
def standing(command: list[str], port: int, folder: Path) -> Iterator[None]:
    """A proxy in the foreground, once it answers."""
    output = (folder / "output").open("wb")
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
    try:
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        else:
            pytest.fail(f"{command[0]} did not start: {(folder / 'output').read_text()[-2000:]}")
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)
        output.close()


@pytest.fixture(params=PROXIES)
def site(request: pytest.FixtureRequest, tmp_path: Path, cert: Path) -> Iterator[Site]:
    proxy = PROXIES[request.param]
    if shutil.which(proxy.program, path="/usr/sbin:/usr/bin:/sbin:/bin") is None:
        pytest.skip(f"no {proxy.program}: scripts/interop installs it")
    served = Served(tmp_path / "r")
    consent, story = served.story()
    served.accept(*story)
    served.service.close()
    brand = story[1]
    assert isinstance(brand, Actor)
    port = free_port()
    front = tmp_path / "front"
    front.mkdir()
    with ExitStack() as stack:
        process = stack.enter_context(running(served.root, "--public-url", f"https://{NAME}{proxy.path}"))
        stack.enter_context(standing(proxy.write(front, port, process.port, cert), port, front))
        time.sleep(1.1)  # what was signed in the second in which a registry starts is refused: it may be a replay
        yield Site(port=port, proxy=proxy, key=brand.keys[0], consent=consent.id)


CLAIMS: tuple[dict[str, str], ...] = (
    {},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-For": "::1", "X-Real-Ip": "127.0.0.1", "Forwarded": "for=127.0.0.1;host=localhost"},
    {"X-Forwarded-Host": "localhost"},
    {"Host": "localhost"},
    {"Host": "127.0.0.1:8080"},
)
"""What a stranger may say of himself."""


def test_a_stranger_gets_no_section_and_a_signed_reader_does(site: Site) -> None:
    entry, file = f"/entries/{site.consent}", f"/evidence/consent/{site.consent}"
    for claim in CLAIMS:
        headers = {**claim}
        if site.proxy.tls and site.proxy.program == "caddy":
            headers.pop("Host", None)  # it knows its sites by name, and answers no other
        answer = site.get(entry, None, headers)
        assert answer.status == 200, (claim, answer.status, answer.body[:300])
        assert json.loads(answer.body)["disclosures"] == [], claim
        answer = site.get(file, None, headers)
        assert answer.status == 200, (claim, answer.status)
        assert sections_in(answer.body) == set(), claim
    mine = site.get(entry, site.key)
    assert mine.status == 200 and json.loads(mine.body)["disclosures"], mine.body[:300]
    whole = site.get(file, site.key)
    assert whole.status == 200 and "terms" in sections_in(whole.body), whole.body[:300]


def test_browsers_come_by_tls_alone(site: Site) -> None:
    """Of every answer, one that is refused too: what docs/deploy says for programs that speak HTTP."""
    is_said = site.proxy.tls and site.proxy.program != "stunnel4"
    for path in ("/healthz", "/entries/nothing", "/grants"):
        headers = {name.lower(): text for name, text in site.get(path).headers.items()}
        said = headers.get("strict-transport-security")
        assert said == ("max-age=63072000" if is_said else None), path


def test_a_signature_for_another_address_is_refused(site: Site) -> None:
    path = f"/entries/{site.consent}"
    headers = RequestSigner(site.key).headers("GET", f"127.0.0.1:{site.port}", site.proxy.path + path, "")
    answer = site.get(path, None, headers)
    assert answer.status == 401 and any(name.lower() == "date" for name in answer.headers)


def test_a_browser_signs_in_and_no_other_site_reads_with_it(site: Site) -> None:
    """Where the public URL has a path there are no sessions; a cookie that somebody makes up opens nothing anywhere."""
    entry, own = f"/entries/{site.consent}", {"Sec-Fetch-Site": "same-origin"}
    made_up = {**own, "Cookie": f"{SESSION}={'ab' * 32}; kembar-trial-session={'ab' * 32}"}
    assert json.loads(site.get(entry, None, made_up).body)["disclosures"] == []
    offered = site.get("/session", None, own)
    if site.proxy.path:
        assert offered.status == 404
        return
    nonce, cookie = json.loads(offered.body)["nonce"], {"Cookie": f"{OFFERED}={offered.cookies[OFFERED]}"}
    signed = RequestSigner(site.key).headers("POST", NAME, "/session", "", nonce=nonce)
    begun = site.ask("POST", "/session", None, None, {**signed, **cookie, **own})
    assert begun.status == 200, begun.body[:300]
    session = {"Cookie": f"{SESSION}={begun.cookies[SESSION]}"}
    assert json.loads(site.get(entry, None, {**session, **own}).body)["disclosures"]
    for page in ("cross-site", "same-site"):
        found = site.get(entry, None, {**session, "Sec-Fetch-Site": page})
        assert json.loads(found.body)["disclosures"] == [], page
    assert site.ask("DELETE", "/session", None, None, {**session, "Origin": "https://evil.example"}).status == 403
    assert site.ask("DELETE", "/session", None, None, {**session, "Origin": f"https://{NAME}"}).status == 200
    assert json.loads(site.get(entry, None, {**session, **own}).body)["disclosures"] == []


def test_large_bodies_pass_and_their_problems_come_back(site: Site) -> None:
    body = b"x" * 3_000_000 + b"\n"
    answer = site.ask("POST", "/entries", body, None, {"Content-Type": "application/x-ndjson"})
    if site.proxy.program == "nginx" and not site.proxy.tls:
        assert answer.status == 413  # nginx' own bound, of 1 MB
    else:
        assert answer.status == 200 and json.loads(answer.body.splitlines()[0])["type"].endswith(":too_large")


def sections_in(evidence: bytes) -> set[str]:
    """The names of the sections that an evidence file opens."""
    from verifier.evidence.file import parse_evidence
    from verifier.statements.disclosure import parse_disclosure

    entries = parse_evidence(evidence).entries
    return {parse_disclosure(text).name for entry in entries for text in entry.disclosures}


def test_every_configuration_is_tried() -> None:
    there = {path.name for path in DEPLOY.iterdir()} - {"Containerfile", "kembar-registry.service"}
    source = Path(__file__).read_text("utf-8")
    assert there == set(re.findall(r'documented\("([^"]+)"', source))
