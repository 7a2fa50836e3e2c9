"""The verifier's page in a real browser, opened from a file: what people do with it, and what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.chromium import Page, chromium, drop
from tests.support.evidence_pdf_cases import framed, pdf
from tests.support.verifier_page import CAPTURE, MISSING, PRESENT, at, check, opened, vector, write_page
from tests.support.world import World
from verifier.programs.page.built import fingerprint

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)

USE = vector("verdict-usage")
BODY = "body"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a policy, and one evidence file, in a folder whose path has a space in it."""
    folder = tmp_path_factory.mktemp("the page")
    write_page(folder / "verifier.html", USE.policy)
    (folder / "use.evidence.json").write_bytes(USE.evidence)
    return folder


@pytest.fixture(scope="module")
def made_page(folder: Path) -> Iterator[Page]:
    with chromium(folder / "profile") as browser:
        page = browser.page()
        page.before(CAPTURE)
        at(page, USE.instant)
        yield page


@pytest.fixture
def page(made_page: Page, folder: Path) -> Iterator[Page]:
    """The page as it is opened, and nothing wrong with it at the end."""
    made_page.call(
        "Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0
    )
    made_page.open((folder / "verifier.html").as_uri())
    yield made_page
    made_page.settle(0.1)
    assert made_page.errors == []


@pytest.fixture
def evidence(folder: Path) -> Path:
    return folder / "use.evidence.json"


def press(page: Page, text: str) -> None:
    """A button, by its words."""
    page.run(
        f"[...document.querySelectorAll('button')].find((one) => one.textContent === {json.dumps(text)}"
        f" || one.ariaLabel === {json.dumps(text)}).click()"
    )


def answered(page: Page, count: int = 1) -> list[dict[str, object]]:
    """What the worker said, once it has said so much."""
    page.until(f"checked.length >= {count}")
    page.until("!document.querySelector('.progress')")
    found: list[dict[str, object]] = page.run("checked.map(({verdict}) => verdict)")
    return found


class TestWaysIn:
    def test_a_file_is_chosen_and_nothing_leaves(self, page: Page, evidence: Path, folder: Path) -> None:
        page.settle(0.2)
        page.requests.clear()
        page.reload()
        check(page, [evidence])
        assert page.run("document.querySelector('.verdict h1').innerText")
        page.settle(0.2)
        assert page.requests[0] == (folder / "verifier.html").as_uri()
        assert {url.partition(":")[0] for url in page.requests[1:]} <= {"blob", "data"}

    def test_nothing_could_leave(self, page: Page) -> None:
        """Whatever ran in it: the browser refuses to ask anybody, and to run what is not the page's."""
        tried = page.run(
            """(async () => {
                const refused = [];
                document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
                await fetch("http://127.0.0.1:9/").catch(() => {});
                document.body.append(Object.assign(new Image(), {src: "http://127.0.0.1:9/a.png"}));
                document.body.append(Object.assign(document.createElement("iframe"), {src: "http://127.0.0.1:9/"}));
                for (const unsafe of [() => { document.body.innerHTML = "<b></b>"; }, () => new Worker("data:,1")]) {
                    try { unsafe(); refused.push("nothing"); } catch (error) { refused.push(error.name); }
                }
                await new Promise((done) => setTimeout(done, 300));
                document.querySelectorAll("iframe, img").forEach((one) => one.remove());
                return refused;
            })()"""
        )
        page.settle(0.2)
        assert {"connect-src", "img-src", "frame-src", "TypeError"} <= set(tried) and "nothing" not in tried
        page.errors.clear()  # the browser's own words about that

    def test_files_are_dropped(self, page: Page) -> None:
        drop(page, BODY, [("any name", USE.evidence), ("trailing.json", USE.evidence + b"\n")])
        first, second = answered(page, 2)
        assert first["outcome"] == "verdict"
        assert (second["outcome"], second["step"]) == ("invalid", 1)

    def test_a_pdf_with_evidence(self, page: Page) -> None:
        """It is told from a PDF to compare by its mark, and nobody takes its pages for checked."""
        drop(page, BODY, [("paper.pdf", pdf(framed(USE.evidence))), ("layout.pdf", pdf())])
        verdict = answered(page)[-1]
        assert verdict["files"] == [sha256(pdf()).hexdigest()]
        assert "What its pages say was not." in page.run("document.querySelector('.verdict').innerText")

    def test_text_is_pasted(self, page: Page) -> None:
        text = json.dumps(USE.evidence.decode() + "\n")
        page.run("document.querySelector('details:has(textarea)').open = true")
        page.run(f"document.querySelector('textarea').value = {text}")
        press(page, "Check this text")
        assert answered(page)[0]["outcome"] == "verdict"

    def test_text_is_pasted_anywhere(self, page: Page) -> None:
        text = json.dumps(USE.evidence.decode())
        page.run(
            f"""(() => {{
                const board = new DataTransfer();
                board.setData("text/plain", {text});
                document.body.dispatchEvent(new ClipboardEvent("paste", {{clipboardData: board, bubbles: true}}));
            }})()"""
        )
        assert answered(page)[0]["outcome"] == "verdict"

    def test_many_at_once(self, page: Page) -> None:
        drop(page, BODY, [(f"{n}.json", USE.evidence if n % 2 else b"{}") for n in range(12)])
        answered(page, 12)
        assert page.run("document.querySelector('h1').innerText") == "12 of 12 files checked"
        assert page.run("document.querySelectorAll('.list > li').length") == 12
        press(page, "Open the answer about 3.json")
        assert page.run("document.querySelectorAll('.verdict').length") == 1
        assert "3.json" in page.run("document.querySelector('main').textContent")
        press(page, "Back to all files")
        press(page, "Remove 3.json")
        assert page.run("document.querySelectorAll('.list > li').length") == 11
        press(page, "Begin afresh")
        assert page.run("Boolean(document.querySelector('.drop'))")


class TestPictures:
    def test_one_that_the_use_names(self, page: Page, evidence: Path) -> None:
        check(page, [evidence])
        drop(page, BODY, [("hero.jpg", b"hero.jpg")])
        verdict = answered(page, 2)[-1]
        assert verdict["files"] == [sha256(b"hero.jpg").hexdigest()]
        assert verdict["authorised"] == "AUTHORISED"

    def test_one_that_it_does_not_name(self, page: Page, evidence: Path) -> None:
        drop(page, BODY, [("other.jpg", b"another")])
        page.until(f"document.body.innerText.includes({json.dumps(sha256(b'another').hexdigest())})")
        assert "Now add the evidence file" in page.text()
        check(page, [evidence])
        assert answered(page)[-1]["authorised"] == "NOT_AUTHORISED"
        press(page, "Remove other.jpg")
        assert answered(page, 2)[-1]["authorised"] == "AUTHORISED"

    def test_one_that_is_chosen_together_with_the_evidence(self, page: Page, evidence: Path, folder: Path) -> None:
        """Whoever chooses both with the first button means a picture to be compared, and no evidence that is broken."""
        (folder / "hero.jpg").write_bytes(b"hero.jpg")
        check(page, [evidence, folder / "hero.jpg"])
        assert answered(page)[-1]["files"] == [sha256(b"hero.jpg").hexdigest()]

    def test_with_many_evidence_files_none_is_compared(self, page: Page) -> None:
        drop(page, BODY, [("a.json", USE.evidence), ("b.json", USE.evidence), ("other.jpg", b"another")])
        assert [one.get("files") for one in answered(page, 2)] == [None, None]
        assert "A picture is compared with one evidence file at a time" in page.text()


class TestPolicy:
    OTHER = World(origin="elsewhere.example/log").policy()

    def test_its_fingerprint_is_shown(self, page: Page) -> None:
        assert fingerprint(USE.policy.encode()) in page.run("document.querySelector('.foot').innerText")

    def test_a_dropped_one_is_not_taken_silently(self, page: Page, evidence: Path) -> None:
        drop(page, BODY, [("use.evidence.json", USE.evidence), ("trust.policy", self.OTHER.encode())])
        assert answered(page)[0]["outcome"] == "verdict"  # under the page's own
        assert "This is another trust policy" in page.text()
        press(page, "Leave it")
        assert "This is another trust policy" not in page.text()
        assert fingerprint(USE.policy.encode()) in page.run("document.querySelector('.foot').innerText")

    def test_one_that_is_taken_lasts_until_the_page_is_loaded_again(self, page: Page, evidence: Path) -> None:
        drop(page, BODY, [("trust.policy", self.OTHER.encode())])
        page.until("document.body.innerText.includes('This is another trust policy')")
        press(page, "Use this policy until I reload")
        assert "Answers are under the policy trust.policy" in page.text()
        check(page, [evidence])
        (verdict,) = answered(page)
        assert (verdict["outcome"], verdict["code"]) == ("invalid", "log_untrusted")
        press(page, "Return to this page's own")
        assert answered(page, 2)[-1]["outcome"] == "verdict"
        drop(page, BODY, [("trust.policy", self.OTHER.encode())])
        page.until("document.body.innerText.includes('This is another trust policy')")
        press(page, "Use this policy until I reload")
        page.reload()
        page.until("document.querySelector('.drop')")
        assert fingerprint(USE.policy.encode()) in page.run("document.querySelector('.foot').innerText")
        assert "Answers are under the policy" not in page.text()

    def test_what_is_being_checked_is_begun_again_under_another(self, page: Page) -> None:
        page.run(
            """(() => {
                window.held = [];
                const post = Worker.prototype.postMessage;
                Worker.prototype.postMessage = function (...said) { held.push(() => post.apply(this, said)); };
            })()"""
        )
        drop(page, BODY, [("use.evidence.json", USE.evidence)])
        page.until("held.length === 1")
        drop(page, BODY, [("trust.policy", self.OTHER.encode())])
        page.until("document.body.innerText.includes('This is another trust policy')")
        press(page, "Use this policy until I reload")
        page.until("held.length === 2")
        page.run("held.forEach((go) => go())")
        assert [one["code"] for one in answered(page)] == ["log_untrusted"]
        assert fingerprint(self.OTHER.encode()) in page.run("document.querySelector('.verdict').innerText")

    def test_a_page_without_one_asks_for_one(self, tmp_path: Path) -> None:
        with opened(tmp_path, None, instant=USE.instant) as bare:
            assert "This page holds no trust policy" in bare.text()
            drop(bare, BODY, [("use.evidence.json", USE.evidence), ("trust.policy", USE.policy.encode())])
            bare.until("document.body.innerText.includes('This is another trust policy')")
            assert bare.run("checked.length") == 0
            press(bare, "Use this policy until I reload")
            assert answered(bare)[0]["outcome"] == "verdict"

    def test_one_that_cannot_be_read_checks_nothing(self, tmp_path: Path) -> None:
        with opened(tmp_path, "log nobody\n") as broken:
            drop(broken, BODY, [("use.evidence.json", USE.evidence)])
            broken.until("document.body.innerText.includes('use.evidence.json')")
            assert "The policy in this page cannot be read" in broken.text()
            assert broken.run("checked.length") == 0


class TestWork:
    def test_it_can_be_stopped_and_begun_again(self, page: Page) -> None:
        page.run("Worker.prototype.postMessage = function () {}")  # a worker that never answers
        drop(page, BODY, [("slow.json", USE.evidence), ("next.json", USE.evidence)])
        page.until("document.querySelector('.progress')")
        press(page, "Stop")
        page.until("document.body.innerText.includes('Not checked')")
        assert page.run("checked.length") == 0
        press(page, "Open the answer about slow.json")
        assert "You stopped the check of slow.json." in page.text()

    def test_a_device_that_cannot_says_so_of_itself(self, page: Page) -> None:
        page.run(
            """Worker.prototype.postMessage = function () {
                setTimeout(() => this.onerror(new ErrorEvent("error", {message: "out of memory", cancelable: true})));
            }"""
        )
        drop(page, BODY, [("large.json", USE.evidence)])
        page.until("document.body.innerText.includes('could not check large.json')")
        assert "That says nothing about the file." in page.text()

    def test_a_file_that_cannot_be_read_is_told(self, page: Page) -> None:
        page.run("File.prototype.slice = function () { throw new DOMException('gone', 'NotReadableError'); }")
        page.run("Blob.prototype.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'))")
        page.run(
            """Worker.prototype.postMessage = function () {
                setTimeout(() => this.onmessage({data: {failed: "NotReadableError"}}));
            }"""
        )
        drop(page, BODY, [("a folder", b"")])
        page.until("document.body.innerText.includes('could not check a folder')")

    def test_an_answer_that_cannot_be_shown_says_so(self, page: Page) -> None:
        """Whatever went wrong in showing it: nothing stands at "Checking" for ever, and the others are shown."""
        page.run(
            """(() => {
                const post = Worker.prototype.postMessage;
                const spoil = ({data}) => {
                    if (data.checked) data.checked.verdict.get = () => { throw new Error("unforeseen"); };
                };
                Worker.prototype.postMessage = function (...said) {
                    this.addEventListener("message", spoil, {once: true});
                    Worker.prototype.postMessage = post;
                    return post.apply(this, said);
                };
            })()"""
        )
        drop(page, BODY, [("spoilt.json", b"{}")])
        said = "spoilt.json was checked, but this page cannot show the answer"
        page.until(f"document.querySelector('h1').textContent.startsWith({json.dumps(said)})")
        page.until(f"document.querySelector('[role=status]').textContent.startsWith({json.dumps(said)})")
        drop(page, BODY, [("use.json", USE.evidence)])
        page.until("document.querySelector('.list .badge svg')")
        assert page.run("document.querySelectorAll('.list > li').length") == 2 and said in page.text()
        page.settle(0.1)
        assert page.errors and all("unforeseen" in one for one in page.errors)
        page.errors.clear()

    def test_work_that_cannot_begin_is_told(self, page: Page) -> None:
        page.run("Worker.prototype.postMessage = () => { throw new Error('unforeseen'); }")
        drop(page, BODY, [("first.json", USE.evidence)])
        page.until("document.body.innerText.includes('could not check first.json')")
        page.settle(0.1)
        assert page.errors and all("unforeseen" in one for one in page.errors)
        page.errors.clear()

    def test_a_thousand_files(self, page: Page) -> None:
        page.run(
            """(() => {
                const all = new DataTransfer();
                for (let n = 0; n < 1000; n++) all.items.add(new File(["{}"], `${n}.json`));
                const options = {dataTransfer: all, bubbles: true, cancelable: true};
                document.body.dispatchEvent(new DragEvent("drop", options));
            })()"""
        )
        page.until("checked.length === 1000 && !document.querySelector('.progress')", patience=180)
        assert page.run("document.querySelector('h1').innerText") == "1,000 of 1,000 files checked"

    def test_progress_has_both_numbers(self, page: Page) -> None:
        page.run(
            """Worker.prototype.postMessage = function () {
                setTimeout(() => this.onmessage({data: {progress: {done: 20, total: 1031}}}));
            }"""
        )
        drop(page, BODY, [("book.json", USE.evidence)])
        page.until("document.querySelector('progress[max]')")
        assert "20 of 1,031" in page.run("document.querySelector('.progress').innerText")
        assert page.run("[document.querySelector('progress').value, document.querySelector('progress').max]") == [
            20,
            1031,
        ]
