"""Fits in files: the same numbers again, and nothing that runs."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import clvmodels as clv
from clvmodels.buyers import Buyers
from clvmodels.errors import FitError

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("frequency", "recency", "T", "monetary_value", "first_value", "litt")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "some.fit"


def again(fit: clv.Fit, place: Path) -> clv.Fit:
    fit.save(place)
    return clv.load(place)


@pytest.mark.parametrize("which", ["purchases", "spend", "bgnbd", "gammagamma"])
def test_a_fit_comes_back_as_it_was(which: str, place: Path, request: pytest.FixtureRequest) -> None:
    fit = request.getfixturevalue(which)
    loaded = again(fit, place)
    assert loaded.model == fit.model
    assert loaded.record == fit.record
    assert loaded.unit == fit.unit
    assert loaded.view == fit.view
    for name in ("draws", "mode", "covariance"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(fit, name))
    assert loaded.log_likelihood == fit.log_likelihood
    pd.testing.assert_frame_equal(loaded.parameters(), fit.parameters())


def test_customers_come_back_as_they_were(purchases: clv.Fit, cdnow: clv.Customers, place: Path) -> None:
    loaded = again(purchases, place).customers
    assert loaded.ids.to_list() == cdnow.ids.to_list()
    assert loaded.notes == cdnow.notes
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(loaded, name), getattr(cdnow, name))


def test_a_view_of_spend_comes_back(gammagamma: clv.Fit, place: Path) -> None:
    loaded = again(gammagamma, place)
    assert isinstance(loaded.customers, Buyers)
    assert loaded.customers.view == "repeat"
    np.testing.assert_array_equal(loaded.expected_spend().mean, gammagamma.expected_spend().mean)


def test_what_is_loaded_answers_the_same(purchases: clv.Fit, spend: clv.Fit, tmp_path: Path) -> None:
    pair = again(purchases, tmp_path / "a.fit"), again(spend, tmp_path / "b.fit")
    asked = {"horizon": 39, "discount": clv.yearly(0.1), "seed": 5}
    pd.testing.assert_frame_equal(clv.value(*pair, **asked).frame(), clv.value(purchases, spend, **asked).frame())


def test_published_parameters_come_back(place: Path) -> None:
    paper = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="day")
    loaded = again(paper, place)
    assert loaded.customers is None
    assert loaded.unit == "day"
    assert loaded.theta == paper.theta


@pytest.mark.parametrize("ids", [["x", "ünï"], [17, 2**53 + 1]])
@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_ids_keep_their_kind_and_library(ids: list[Any], library: type, place: Path) -> None:
    table = library({"customer_id": ids, "frequency": [2, 5], "recency": [9.0, 20.0], "T": [30.0, 40.0]})
    fit = clv.fit(clv.BGNBD(), clv.Customers.from_frame(table, unit="week"), clv.MAP())
    frame = again(fit, place).probability_alive().frame()
    assert isinstance(frame, library)
    assert list(frame["customer_id"]) == ids


def test_nothing_in_the_file_can_run(purchases: clv.Fit, place: Path) -> None:
    purchases.save(place)
    with zipfile.ZipFile(place) as archive:
        assert all(name.endswith(".npy") for name in archive.namelist())
    with np.load(place, allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)


def test_a_failure_leaves_the_old_file(purchases: clv.Fit, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    purchases.save(place)
    before = place.read_bytes()

    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left")

    monkeypatch.setattr(np, "savez_compressed", broken)
    with pytest.raises(OSError, match="No space"):
        purchases.save(place)
    assert place.read_bytes() == before
    assert list(place.parent.iterdir()) == [place]


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 broken"])
def test_other_files_are_refused(content: bytes, place: Path) -> None:
    place.write_bytes(content)
    with pytest.raises(FitError, match=r"some\.fit is no fit or valuation saved by clvmodels"):
        clv.load(place)


def test_half_a_file_is_refused(purchases: clv.Fit, place: Path) -> None:
    purchases.save(place)
    place.write_bytes(place.read_bytes()[: place.stat().st_size // 2])
    with pytest.raises(FitError, match="no fit or valuation saved"):
        clv.load(place)


def test_arrays_of_something_else_are_refused(place: Path) -> None:
    with place.open("wb") as file:
        np.savez(file, draws=np.ones(3))
    with pytest.raises(FitError, match="no fit or valuation saved"):
        clv.load(place)


def test_pickles_are_refused(place: Path) -> None:
    with place.open("wb") as file:
        np.savez(file, told=np.array([{"a": 1}], dtype=object))
    with pytest.raises(FitError, match="no fit or valuation saved"):
        clv.load(place)


def test_no_file_at_all(place: Path) -> None:
    with pytest.raises((FitError, FileNotFoundError), match=r"some\.fit"):
        clv.load(place)


def test_ids_that_cannot_be_kept_are_refused(place: Path) -> None:
    customers = clv.Customers.from_arrays([2, 1], [3, 4], [9, 9], unit="week", ids=[1.5, 2.5])
    fit = clv.fit(clv.BGNBD(), customers, clv.MAP())
    with pytest.raises(FitError, match=r"Ids of type .*text or whole numbers"):
        fit.save(place)
    assert not place.exists()
