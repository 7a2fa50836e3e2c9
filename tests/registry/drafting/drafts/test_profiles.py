"""What a profile asks of a draft, and what a signer is warned of."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from registry.config import create
from registry.drafting.drafts.profiles import TITLES, asked_for
from registry.drafting.drafts.reading import complete, parse_draft
from registry.drafting.drafts.signer_warnings import warnings
from registry.drafting.drafts.templates import template, with_remark, with_value
from registry.drafting.memo.render import LANGUAGES, digest, render
from registry.intake.submission import Submission, parse_submission
from tests.support.draft_texts import CONSENT, MANDATE, NOW
from tests.support.world import key
from verifier.programs.keys import format_key
from verifier.programs.language import english
from verifier.rules.use.profiles import PROFILES
from verifier.statements import vocabulary
from verifier.statements.types import Consent

CREATE = template(
    "consent-create",
    {
        "registry": "ab" * 32, "parties.model": "cd" * 32, "parties.maker": "ef" * 32, "terms.starts": "2026-12-01",
        "terms.ends": "2026-12-03", "terms.delivered": "2026-11-01",
        "terms.description": "A scan of her face and body for pictures of knitwear.",
    },
)  # fmt: skip


def consent(**terms: Any) -> Submission:
    text = CONSENT
    for name, value in terms.items():
        text = with_value(text, f"terms.{name}", value)
    return complete(parse_draft(text), text, NOW)


class TestAskedFor:
    @pytest.mark.parametrize("kind", ["consent", "consent-create"])
    @pytest.mark.parametrize("profile", vocabulary.PROFILES)
    def test_the_draft_stays_a_draft_and_says_the_profiles_numbers(self, profile: str, kind: str) -> None:
        values, remarks = asked_for(profile, kind)
        text = template(kind, values, remarks)
        read = tomllib.loads(text)
        assert read["terms"]["profile"] == profile
        assert read["terms"]["advice"] == read["terms"]["language"] == read["terms"]["delivered"] == ""
        assert f"{profile}: at least {PROFILES[profile].delivered // 3600} hours before starts" in text
        assert TITLES[profile] in text
        for lines in remarks.values():
            for line in lines:
                assert text.count(f"# {line}\n") == 1, line
        assert all(len(line) <= 130 for line in text.split("\n"))

    def test_a_product_line_where_it_is_a_duty(self) -> None:
        for profile, duties in PROFILES.items():
            text = template("consent", *asked_for(profile, "consent"))
            assert (tomllib.loads(text)["terms"].get("products") == [""]) == duties.product_line

    def test_a_label_where_the_law_wants_one(self) -> None:
        text = template("consent", *asked_for("eu", "consent"))
        assert "27 member states" in text and tomllib.loads(text)["terms"]["label"] == "both"

    def test_a_remark_stands_right_above_its_member(self) -> None:
        text = with_remark(template("consent"), "money.splits.kind", "so it is")
        assert '# so it is\nkind = "model"' in text
        assert with_remark(text, "terms.nothing", "x") == text


class TestWarnings:
    def test_terms_that_came_too_late(self) -> None:
        late = consent(delivered="2026-11-29T12:00:00Z", starts="2026-12-01T00:00:00Z", profile="sag-aftra")
        said = list(warnings(late, english()))
        assert "less than 48 hours" in said[0] and "Under sag-aftra it would not be in force" in said[0]
        assert "2026-12-01T12:00:00Z or later" in said[0]
        assert "No product line" in said[1]
        in_time = consent(delivered="2026-11-29T12:00:00Z", starts="2026-12-01T00:00:00Z", profile="open")
        assert not any("hours" in one for one in warnings(in_time, english()))

    def test_the_registrys_profile_counts_too(self) -> None:
        made = consent(delivered="2026-11-30T12:00:00Z", starts="2026-12-01T00:00:00Z", profile="open")
        assert "Verdicts on it would warn" in next(iter(warnings(made, english())))
        assert "Under ny it would not be in force" in next(iter(warnings(made, english(), "ny")))

    def test_a_profile_that_nobody_knows_here(self) -> None:
        without = consent(profile=None, delivered="2026-11-01T00:00:00Z")
        assert any("not known here" in one for one in warnings(without, english()))
        assert not any("not known here" in one for one in warnings(without, english(), "open"))

    def test_a_memo_of_other_terms(self) -> None:
        bare = consent(profile="open", delivered="2026-11-01T00:00:00Z")
        statement, sections = bare.statement(), {name: one for name, (_, one) in bare.opened().items()}
        assert isinstance(statement, Consent)
        assert any("carries no deal memo" in one for one in warnings(bare, english()))
        for language in LANGUAGES:
            hashed = digest(render(statement, sections, language))
            whole = consent(profile="open", delivered="2026-11-01T00:00:00Z", memo=hashed)
            assert list(warnings(whole, english())) == []
            other = consent(profile="open", delivered="2026-11-01T00:00:00Z", memo=hashed, ends="2031-01-01T00:00:00Z")
            assert ["is not the one made of these terms" in one for one in warnings(other, english())] == [True]

    def test_a_consent_to_make_a_twin_has_a_memo_too(self) -> None:
        made = complete(parse_draft(CREATE), CREATE, NOW)
        assert any("carries no deal memo" in one for one in warnings(made, english(), "open"))
        statement, sections = made.statement(), {name: one for name, (_, one) in made.opened().items()}
        assert isinstance(statement, Consent)
        text = with_value(CREATE, "terms.memo", digest(render(statement, sections, "id")))
        assert not any("memo" in one for one in warnings(complete(parse_draft(text), text, NOW), english(), "open"))

    def test_other_statements_need_none(self) -> None:
        assert list(warnings(complete(parse_draft(MANDATE), MANDATE, NOW), english())) == []


class TestCommands:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        Path("anna.key").write_bytes(format_key(key("anna"), None))

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    def test_a_draft_asks_for_what_the_registrys_own_profile_does(self) -> None:
        create(Path("registry"), "registry.example/log", profile="sag-aftra")
        text = self.run("draft", "consent", "--registry", "registry").stdout
        assert "sag-aftra: at least 48 hours" in text and '# profile = "eu"' in text
        other = self.run("draft", "consent", "--registry", "registry", "--profile", "eu").stdout
        assert 'profile = "eu"' in other and "sag-aftra:" not in other
        assert "sag-aftra:" not in self.run("draft", "usage", "--registry", "registry").stdout

    def test_signing_warns_and_signs(self) -> None:
        create(Path("registry"), "registry.example/log", profile="ny")
        late = with_value(CONSENT, "terms.delivered", "2026-12-01T00:00:00Z")
        Path("deal.toml").write_text(late)
        result = self.run("sign", "deal.toml", "--key", "anna.key", "--yes", "--json", "--registry", "registry")
        assert result.exit_code == 0, result.output
        assert "WARNING: The terms were handed over less than" in result.stderr
        assert any("ny" in one for one in json.loads(result.stdout)["warnings"])

    def test_a_memo_that_no_longer_fits_is_said_before_signing(self) -> None:
        Path("deal.toml").write_text(CONSENT)
        made = self.run("memo", "deal.toml", "--json")
        assert made.exit_code == 0, made.output
        value = json.loads(made.stdout)
        assert value["carried"] is True and Path(value["file"]).is_file()
        fits = self.run("sign", "deal.toml", "--key", "anna.key", "--yes", "-o", "fits.json")
        assert fits.exit_code == 0 and "deal memo" not in fits.stderr
        signed = parse_submission(Path("fits.json").read_bytes())
        assert signed.opened()["terms"][0].value["memo"] == value["sha256"]
        Path("deal.toml").write_text(Path("deal.toml").read_text().replace("knitwear", "underwear"))
        changed = self.run("sign", "deal.toml", "--key", "anna.key", "--yes", "-o", "changed.json")
        assert changed.exit_code == 0 and "is not the one made of these terms" in changed.stderr
        again = self.run("memo", "fits.json", "--json")
        assert json.loads(again.stdout)["carried"] is True
        other = self.run("memo", "changed.json", "-o", "other.txt")
        assert "ANOTHER hash or none" in other.stdout

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (MANDATE, "not of a mandate"),
            ("kembar = 2", "type"),
            ("", "kembar"),
            ("{}", "JSON of another program"),
            ('{"envelope":1}', "damaged"),
            ("\x00", "draft"),
        ],
    )
    def test_no_memo_of_anything_else(self, text: str, said: str) -> None:
        Path("other.toml").write_text(text)
        result = self.run("memo", "other.toml")
        assert result.exit_code == 2 and said in result.stderr
        assert "Traceback" not in result.output
