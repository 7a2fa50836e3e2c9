"""``verifier page``: writes the page with a policy in it, says its hash, compares a page of somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.dripping import redirecting, speaking
from tests.support.world import World
from verifier.programs.cli import main
from verifier.programs.page.built import SIGN, fingerprint, page_hash, shipped_page, split_page, with_policy

OWN = page_hash(shipped_page())
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "trust.policy"
    path.write_text(World().policy())
    return path


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    def call(*arguments: str | Path) -> tuple[int, str, str]:
        status = main(["page", *map(str, arguments)])
        printed = capfdbinary.readouterr()
        return status, printed.out.decode(), printed.err.decode()

    return call


def test_its_hash(run: Run) -> None:
    assert run("--hash") == (0, f"{OWN}\n", "")


def test_the_page_to_sign_on(run: Run, tmp_path: Path, policy: Path) -> None:
    own, made = page_hash(shipped_page(SIGN)), tmp_path / "sign.html"
    assert run("--sign", "--hash") == (0, f"{own}\n", "")
    status, printed, _ = run("--sign", "-o", made)
    assert (status, made.read_bytes()) == (0, shipped_page(SIGN)) and own in printed
    assert run("--sign", "--check", made)[0] == 0
    assert run("--check", made)[0] == 1
    assert run("--sign", "-o", made, "--trust", policy)[0] == 0
    assert split_page(made.read_bytes()).policy == policy.read_bytes()
    assert run("--sign", "--check", made, "--trust", policy)[0] == 0


def test_a_page_is_written_and_recognised(run: Run, tmp_path: Path, policy: Path) -> None:
    made = tmp_path / "a page.html"
    status, printed, _ = run("-o", made, "--trust", policy)
    assert (status, split_page(made.read_bytes()).policy) == (0, policy.read_bytes())
    assert OWN in printed and fingerprint(policy.read_bytes()) in printed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a page.html", "trust.policy"]

    status, printed, _ = run("--check", made, "--trust", policy)
    assert status == 0 and "It is the page of this verifier" in printed and "It is the policy of --trust." in printed


def test_a_page_that_is_served(run: Run, policy: Path) -> None:
    page = with_policy(policy.read_bytes())
    with speaking(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page) as url:
        status, printed, _ = run("--check", f"{url}/verify/")
    assert (status, fingerprint(policy.read_bytes()) in printed) == (0, True)


def test_another_page(run: Run, tmp_path: Path) -> None:
    made = tmp_path / "other.html"
    made.write_bytes(shipped_page().replace(b"'none'", b"*", 1))
    status, printed, _ = run("--check", made)
    assert (status, OWN in printed, page_hash(made.read_bytes()) in printed) == (1, True, True)


def test_another_policy(run: Run, tmp_path: Path, policy: Path) -> None:
    made = tmp_path / "other.html"
    made.write_bytes(with_policy(policy.read_bytes() + b"# theirs\n"))
    status, printed, _ = run("--check", made, "--trust", policy)
    assert (status, "It is not the policy of --trust" in printed) == (1, True)
    made.write_bytes(shipped_page())
    status, printed, _ = run("--check", made, "--trust", policy)
    assert (status, "There is no policy in it." in printed) == (1, True)
    assert run("--check", made)[0] == 0


def test_what_cannot_be_fetched(run: Run, tmp_path: Path) -> None:
    for said, why in ((b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answers 404"), (b"nonsense", "")):
        with speaking(said) as url:
            status, printed, complaint = run("--check", url)
            assert (status, printed) == (2, "") and why in complaint
    with redirecting("http://127.0.0.1:1/") as url:
        assert run("--check", url)[0] == 2
    for place in ("ftp://example.org/", tmp_path / "nowhere.html", tmp_path):
        assert run("--check", place)[0] == 2
    large = tmp_path / "large.html"
    large.write_bytes(bytes((1 << 20) + 1))
    status, _, complaint = run("--check", large)
    assert status == 2 and "more than 1048576 bytes" in complaint


def test_nothing_is_written_without_a_policy_that_can_be_read(run: Run, tmp_path: Path) -> None:
    made, bad = tmp_path / "page.html", tmp_path / "bad.policy"
    bad.write_text("log nobody\n")
    assert run("-o", made)[0] == 2
    assert run("-o", made, "--trust", bad)[0] == 2
    assert run("-o", made, "--trust", tmp_path / "none.policy")[0] == 2
    assert not made.exists()


def test_where_nothing_can_be_written(run: Run, tmp_path: Path, policy: Path) -> None:
    status, _, complaint = run("-o", tmp_path / "no folder" / "page.html", "--trust", policy)
    assert status == 2 and "cannot write" in complaint
    (tmp_path / "taken").mkdir()
    assert run("-o", tmp_path / "taken", "--trust", policy)[0] == 2
    assert not (tmp_path / "taken.part").exists()
