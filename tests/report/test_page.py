"""The page: every number is the API's, nothing in it runs or is fetched, it is valid, and French is French."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import html5lib
import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import QuestionError
from clvmodels.reporting.french import LIBRARY, SENTENCES
from clvmodels.reporting.words import Words

CHANNELS = ("shop", "<script>alert(1)</script>", "=web & more")
SPANS = (26.0, 52.0, 104.0)
PROB = 0.9
QUARTER = 365.25 / 7 / 4
FOLDER = Path(clv.__file__).parent / "reporting"


def parsed(path: Path) -> Any:
    """The tree of a page, which must be valid to the letter."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(path.read_text(encoding="utf-8"))


def pandas_of(worth: clv.Valuation) -> pd.DataFrame:
    return worth.frame(PROB)


@pytest.fixture(scope="session")
def answers(worth: clv.Valuation, indicators: clv.Indicators) -> dict[str, pd.DataFrame]:
    """The same questions, put to the API."""
    curve, risk, losses = clv.concentration(worth), clv.at_risk(worth, QUARTER), clv.losses(worth)
    averages = clv.formulas.from_customers(worth.customers, every=13)
    fit, spend, base = worth.fit, worth.spend, worth.customers
    purchases = fit.expected_purchases(52)
    ways = [averages.average_value(0.3, 4), averages.retention_value(worth.discount, 0.3, 4)]
    beside = [way.beside(worth.expected, purchases=purchases, fit=fit, prob=PROB).frame() for way in ways]
    checks = [clv.check(one, customers=base, replicates=100, seed=1) for one in (fit, spend)]
    told = {"prob": PROB, "best": 0.2, "horizon": 52.0, "since": QUARTER, "fall": 20.0}
    known = {"customers": len(base), "once": np.mean(base.frequency == 0), "shortest": base.T.min(), "longest": base.T.max()}
    outlook = clv.forecast(fit, spend, periods=4, every=QUARTER, customers=base, seed=1)
    return {
        "base": pd.DataFrame([told | known]),
        "total": worth.total(PROB),
        "share": curve.share(0.2, PROB),
        "gini": curve.gini(PROB),
        "risk": pd.DataFrame([{"customers": len(risk), "at_stake": risk["at_stake"].sum()}]),
        "at_risk": risk,
        "losses": pd.DataFrame([{"customers": len(losses), "clv": losses["clv"].sum()}]),
        "best": pandas_of(worth).sort_values("clv", ascending=False, kind="stable"),
        "tiers": clv.tiers(worth).frame(PROB),
        "portfolio": clv.portfolio(worth).frame(PROB),
        "by0": worth.total(PROB, by="channel"),
        "horizons": worth.horizons(SPANS, PROB).reset_index(),
        "forecast": outlook.frame(PROB),
        "elasticities": clv.elasticities(worth).frame(PROB),
        "newcomers": clv.newcomers(worth).frame(PROB),
        "ways": pd.concat([beside[0].iloc[:1], beside[1]]),
        "indicators": indicators.frame(),
        "check0": checks[0].frame(),
        "check1": checks[1].frame(),
        "off": pd.DataFrame([{"off": sum(len(check.warnings) for check in checks), "failed": 0}]),
        "fits": pd.DataFrame(
            [{"pareto_k": one.record.pareto_k, "warnings": len(one.record.warnings)} for one in (fit, spend)]
        ),
        "terms": pd.DataFrame([{"margin": 0.3, "rate": 0.1}]),
        "parameters0": fit.parameters(PROB),
        "parameters1": spend.parameters(PROB),
    }


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_number_is_that_of_the_api(written: dict[str, Path], answers: dict[str, pd.DataFrame], lang: str) -> None:
    seen = set()
    for data in parsed(written[lang]).iter("data"):
        name, row, column = data.attrib["data-of"].split(":")
        expected = float(answers[name][column].iloc[int(row)])
        assert float(data.attrib["value"]) == pytest.approx(expected, rel=1e-9, abs=1e-12), data.attrib
        seen.add(name)
    assert seen == set(answers)


def shown(text: str) -> tuple[float, float]:
    """The number that a French reader sees, and half a unit of its last digit."""
    digits = re.sub(r"[^\d,%-]", "", text)
    scale = 0.01 if "%" in digits else 1.0
    _, _, decimals = digits.rstrip("%").partition(",")
    return scale * float(digits.rstrip("%").replace(",", ".")), 0.5 * scale * 10.0 ** -len(decimals)


def test_what_is_read_is_what_is_marked(written: dict[str, Path]) -> None:
    for data in parsed(written["fr"]).iter("data"):
        read, half = shown(data.text)
        assert abs(read - float(data.attrib["value"])) <= half * (1.0 + 1e-9), data.attrib


def test_no_number_stands_unmarked(written: dict[str, Path]) -> None:
    page = written["en"].read_text(encoding="utf-8")
    body = page[page.index("<body>") :]
    for inner in (
        r"<data .*?</data>",
        r"<pre>.*?</pre>",
        r"<svg .*?</svg>",
        r'<ul class="notes".*?</ul>',
        r"<thead>.*?</thead>",
    ):
        body = re.sub(inner, "", body, flags=re.DOTALL)
    for inner in (
        r'<th scope="row">.*?</th>',
        r'<p class="small caption".*?</p>',
        r"<footer>.*?</footer>",
        r"Laplace\(.*?\)",
    ):
        body = re.sub(inner, "", body, flags=re.DOTALL)
    texts = re.findall(r">([^<]*\d[^<]*)<", body)
    own = ("for each 1 spent", "alert(1)", "1998-Q2")
    assert [text for text in texts if not any(one in text for one in own)] == []


def test_a_page_stands_alone_and_runs_nothing(written: dict[str, Path]) -> None:
    for path in written.values():
        page = path.read_text(encoding="utf-8")
        tree = parsed(path)
        names = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
        assert not names & {"script", "link", "iframe", "img", "object", "embed"}
        for element in tree.iter():
            addresses = [value for name, value in element.attrib.items() if str(name).endswith(("href", "src"))]
            assert all(value.startswith("#") for value in addresses)
            assert not any(str(name).startswith("on") for name in element.attrib)
        assert "url(" not in re.sub(r"url\(#[^)]+\)", "", page)
        assert "@import" not in page
        assert len(page.encode()) < 3e6


def test_ids_are_each_used_once_and_links_lead_somewhere(written: dict[str, Path]) -> None:
    for path in written.values():
        tree = parsed(path)
        ids = [element.attrib["id"] for element in tree.iter() if "id" in element.attrib]
        assert len(ids) == len(set(ids))
        links = [
            str(value) for element in tree.iter() for name, value in element.attrib.items() if str(name).endswith("href")
        ]
        assert {link[1:] for link in links} <= set(ids)


def test_pictures_say_what_they_show(written: dict[str, Path]) -> None:
    for path in written.values():
        pictures = [element for element in parsed(path).iter() if "svg" in str(element.tag) and "role" in element.attrib]
        assert len(pictures) == 5
        for picture in pictures:
            assert len(picture.attrib["aria-label"]) > 40
            assert re.search(r"\d", picture.attrib["aria-label"])
    words = " ".join(" ".join(svg.itertext()) for svg in parsed(written["fr"]).iter() if "svg" in str(svg.tag))
    assert "Part de la valeur" in words  # letters that can be searched, in the reader's language
    assert "Share" not in words
    assert "expected" not in words


def test_data_are_shown_as_text(written: dict[str, Path]) -> None:
    page = written["en"].read_text(encoding="utf-8")
    assert "<script" not in page
    text = " ".join(parsed(written["en"]).itertext())
    assert all(channel in text for channel in CHANNELS)


def test_french_has_no_english_left(written: dict[str, Path]) -> None:
    page = written["fr"].read_text(encoding="utf-8")
    body = re.sub(r"<pre>.*?</pre>|<style>.*?</style>", "", page, flags=re.DOTALL)
    body = re.sub(r'<section id="notes">.*?</section>', "", body, flags=re.DOTALL)
    same = {english for english, french in (LIBRARY | SENTENCES).items() if english == french}
    left = [word for word in SENTENCES if "{" not in word and len(word) > 4 and word not in same and f">{word}<" in body]
    assert left == []
    english = re.findall(
        r"\b(the|with|customers|value|share|expected|customer|of|purchases)\b", re.sub(r"<[^>]*>", " ", body)
    )
    assert english == []
    labels = " ".join(re.findall(r'aria-label="([^"]*)"', body))
    assert not re.search(r"\b(the|with|customers|share|expected|of)\b", labels)
    assert "€" in body


def said() -> set[str]:
    """All sentences in the sources that are said in the reader's language."""
    found = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"of", "say", "plain"}
            ):
                found |= {
                    each.value for each in node.args[:1] if isinstance(each, ast.Constant) and isinstance(each.value, str)
                }
    return found


def test_every_sentence_is_in_the_catalogue() -> None:
    template = (FOLDER / "templates" / "report.html").read_text(encoding="utf-8")
    sentences = said() | {
        first or second for first, second in re.findall(r'words\.of\((?:"([^"]+)"|\'([^\']+)\')\)', template)
    }
    assert len(sentences) > 90
    assert sentences <= set(SENTENCES)


def test_sentences_keep_their_numbers_in_french() -> None:
    for english, french in SENTENCES.items():
        names = {name.lower() for name in re.findall(r"\{(\w+)\}", english)}
        assert names == {name.lower() for name in re.findall(r"\{(\w+)\}", french)}, english


def test_the_same_seed_gives_the_same_page(
    written: dict[str, Path], worth: clv.Valuation, indicators: clv.Indicators, tmp_path: Path
) -> None:
    asked = {"by": "channel", "horizons": SPANS, "indicators": indicators}
    again = clv.report(worth, tmp_path / "en.html", **asked)
    assert again.read_bytes() == written["en"].read_bytes()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"lang": "de"}, "lang='de' isn't spoken here"),
        ({"currency": "EURO"}, "currency='EURO' is no currency"),
        ({"prob": 90}, "90 is no probability"),
        ({"since": -1}, "since = -1 can't be"),
    ],
)
def test_what_cannot_be_is_refused(worth: clv.Valuation, tmp_path: Path, asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(QuestionError, match=re.escape(sentence)):
        clv.report(worth, tmp_path / "x.html", **asked)
    assert list(tmp_path.iterdir()) == []


def test_a_page_ends_in_html(worth: clv.Valuation, tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match=r"x\.pdf is no name for a report"):
        clv.report(worth, tmp_path / "x.pdf")


def test_a_section_that_cannot_be_answered_says_so(worth: clv.Valuation, tmp_path: Path) -> None:
    """Nobody is silent for ten years: who is at risk can't be said, the rest can."""
    page = clv.report(worth, tmp_path / "x.html", since=520, horizons=(), levers=False).read_text(encoding="utf-8")
    assert "Nobody has been silent for 520 weeks" in page
    assert "Portfolio: value and loyalty" in page
    assert "Which lever moves most" not in page
    assert "Horizons side by side" not in page


def test_numbers_are_written_in_the_readers_manner() -> None:
    english, french = Words("en", "USD"), Words("fr", "EUR")
    narrow, wide = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"
    assert english.write(-1234.5, "money") == "-$1,234"
    assert french.write(1234567.0, "money") == f"1{narrow}234{narrow}567{wide}€"
    assert french.write(12.5, "money") == f"12,50{wide}€"
    assert french.write(0.9, "share") == f"90{wide}%"
    assert english.write(0.123, "share") == "12.3%"
    assert english.write(13.04, "time") == "13"
    assert french.write(float("inf"), "number") == "jamais"
    assert Words().write(float("nan"), "money") == "–"  # noqa: RUF001
