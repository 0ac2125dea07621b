"""Backtest: forecasts from several moments of a log, each by whoever forecasts, held beside what was bought afterwards."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import narwhals as nw
import numpy as np

from clvmodels.contract import Model
from clvmodels.data.dates import PER_DAY, written
from clvmodels.data.reading import LogReader
from clvmodels.data.split import halves
from clvmodels.data.transactions import up_to
from clvmodels.errors import LogError, QuestionError, naming
from clvmodels.evaluate.forecasts import Forecaster, Origin
from clvmodels.evaluate.judging import Judged, judge
from clvmodels.evaluate.modelled import Modelled, Stacking
from clvmodels.files import aside
from clvmodels.fitting import fit
from clvmodels.frames import native
from clvmodels.kernels.threads import each
from clvmodels.progress import watch
from clvmodels.questions.asking import seeded
from clvmodels.units import DAYS, as_unit

if TYPE_CHECKING:
    from datetime import date as Date  # noqa: N812

    from numpy.typing import NDArray

    from clvmodels.customers import Customers
    from clvmodels.data.split import Holdout
    from clvmodels.data.transactions import Purchases
    from clvmodels.fitted import Fit
    from clvmodels.fitting import Method

FORMAT = 1
TOTAL = "total_"
"""Before the names of totals in files."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What happened after an origin.

    Attributes
    ----------
    cutoff
        the last moment known to the forecasts
    holdout
        what the customers bought within the horizon
    who
        the number of each customer in the log, (n,): the same at all origins
    repeat
        whether each had bought again by then, (n,)
    """

    cutoff: str
    holdout: Holdout
    who: NDArray[np.int64]
    repeat: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts held beside what happened: give it to ``clv.compare``.

    Attributes
    ----------
    outcomes
        by origin
    judged
        a forecaster and an origin each
    """

    outcomes: Mapping[str, Outcome] = field(repr=False)
    judged: tuple[Judged, ...] = field(repr=False)

    def __repr__(self) -> str:
        names = dict.fromkeys(one.name for one in self.judged)
        return f"Backtest({', '.join(names)}; from {', '.join(self.outcomes)})"

    def frame(self) -> Any:  # noqa: ANN401
        """Return a row a customer, origin and forecaster, in the customers' own frame library.

        Columns: customer_id, model, cutoff; purchases, value, any_purchase, alive as forecast (nan where it says nothing);
        actual_purchases, actual_value.
        """
        tables = [nw.from_native(self._table(one), eager_only=True) for one in self.judged if not one.failed]
        return nw.concat(tables).to_native()

    def _table(self, one: Judged) -> Any:  # noqa: ANN401
        holdout = self.outcomes[one.cutoff].holdout
        nothing = np.full(len(holdout), np.nan)
        named = {"model": one.name, "cutoff": one.cutoff}
        told = {name: np.full(len(holdout), value) for name, value in named.items()}
        said = {name: one.columns.get(name, nothing) for name in ("purchases", "value", "any_purchase", "alive")}
        worth = nothing if holdout.value is None else holdout.value
        return native(holdout.ids, {**told, **said, "actual_purchases": holdout.purchases, "actual_value": worth})


def backtest(  # noqa: PLR0913
    log: Any,  # noqa: ANN401
    models: Sequence[Model | Forecaster] | Mapping[str, Model | Forecaster],
    cutoffs: int | Sequence[str | Date],
    horizon: float,
    *,
    spend: Model | None = None,
    method: Method | None = None,
    draws: int = 1000,
    seed: int | None = None,
    folder: str | Path | None = None,
    customer_id: str = "customer_id",
    date: str = "date",
    value: str | None = "value",
    unit: str = "week",
    resolution: str = "day",
    timezone: str | None = None,
    date_format: str | None = None,
    refunds: str = "error",
) -> Backtest:
    """Forecast from several moments of a log, by several models and rules, and hold that beside what was bought.

    Parameters
    ----------
    log, customer_id, date, value, unit, resolution, timezone, date_format, refunds
        as in ``rfm_summary``
    models
        models of purchases, and rules from ``clv.baselines``; by name, or named by themselves
    cutoffs
        the last day known to each forecast; or how many: then the horizons follow each other up to the end of the log
    horizon
        how far to forecast, in ``unit``; rounded to whole buckets of time
    spend
        the model of spend, fitted to all purchases; without one, money isn't forecast
    method
        how models are fitted; ``Laplace()`` by default
    draws
        how many outcomes to draw of each customer
    seed
        to get the same again
    folder
        where to keep what is done, so that an interrupted backtest goes on from there; made if absent

    Examples
    --------
    >>> import clvmodels as clv
    >>> log = clv.datasets.cdnow(sample=True)
    >>> done = clv.backtest(log, [clv.BGNBD()], ["1997-09-30"], 39, method=clv.MLE(), seed=1)
    >>> round(float(done.frame()["purchases"].sum()), 1)
    1653.4
    """
    told_in, seed = as_unit(unit), seeded(seed)
    reader = LogReader(customer_id, date, value, resolution, timezone, date_format, refunds)
    purchases = reader.read(log)
    contestants = _contestants(models, method, draws)
    steps = round(horizon * DAYS[told_in] * PER_DAY[purchases.resolution])
    if steps < 1:
        message = f"A horizon of {horizon} {told_in}s is shorter than one {resolution}: say a longer one."
        raise QuestionError(message)
    moments = _moments(cutoffs, steps, purchases, reader)
    splits = {cut: halves(purchases, cut, cut + steps, told_in) for cut in moments}
    spent = _spent(spend, method, {cut: known for cut, (known, _) in splits.items()}, seed)
    origins = {
        cut: Origin(known, up_to(purchases, cut, "cutoff")[0], cut, steps, spent.get(cut), seed)
        for cut, (known, _) in splits.items()
    }
    jobs = [
        _Job(name, who, origins[cut], splits[cut][1], _key(purchases, cut, steps, told_in, seed, name, who, (spend, method)))
        for cut in moments
        for name, who in contestants.items()
    ]
    shelf = None if folder is None else _Shelf(Path(folder))
    done = tuple(watch(each(lambda job: _done(job, shelf), jobs), len(jobs), "Backtest"))
    if all(one.failed for one in done):
        message = f"No forecast came about. The first trouble: {done[0].failed}"
        raise QuestionError(message)
    outcomes = {job.cutoff: _outcome(job) for job in jobs}
    return Backtest(outcomes, done)


def _spent(spend: Model | None, method: Method | None, known: Mapping[int, Customers], seed: int) -> dict[int, Fit]:
    """Fit the model of spend, if there is one, to the customers of each origin."""
    if spend is None:
        return {}
    fits = each(lambda cut: fit(spend, known[cut].all_buyers(), method, seed=seed), list(known))
    return dict(zip(known, fits, strict=True))


def _contestants(
    models: Sequence[Model | Forecaster] | Mapping[str, Model | Forecaster], method: Method | None, draws: int
) -> dict[str, Forecaster]:
    """Make everybody a forecaster, by name; refuse who is none, and a name that comes twice."""
    asked = models.values() if isinstance(models, Mapping) else models
    strangers = [repr(one) for one in asked if not _forecasts(one)]
    if strangers:
        message = (
            f"{naming(strangers)} can't forecast. Name models, as clv.BGNBD(), or rules, as clv.baselines.LastPeriod()."
        )
        raise QuestionError(message)
    named = (
        list(models.items())
        if isinstance(models, Mapping)
        else [(one.title if isinstance(one, Model) else one.name, one) for one in models]
    )
    again = [name for name, times in Counter(name for name, _ in named).items() if times > 1]
    if again or not named:
        message = f"Several are called {naming(again)}: give them names, as in {{'mine': clv.BGNBD(priors=...)}}."
        raise QuestionError(message if again else "There is nothing to forecast with: name a model or a rule.")
    return {name: Modelled(one, method, draws) if isinstance(one, Model) else one for name, one in named}


def _forecasts(one: object) -> bool:
    """Whether it is a model, or somebody else who forecasts; a class is neither yet."""
    return isinstance(one, Model | Forecaster) and not isinstance(one, type)


def _moments(cutoffs: int | Sequence[str | Date], steps: int, purchases: Purchases, reader: LogReader) -> list[int]:
    """Find the last bucket known to each forecast, in order; each needs a whole horizon after it."""
    first, last = int(purchases.bucket.min()), int(purchases.bucket.max())
    begin, end = (written(bucket, purchases.resolution) for bucket in (first, last))
    if isinstance(cutoffs, int):
        moments = [last - steps * ahead for ahead in range(cutoffs, 0, -1)]
        if not moments or moments[0] <= first:
            room = (
                f"The log, from {begin} to {end}, has no room for {cutoffs} horizons of this length after a first purchase."
            )
            message = f"{room} Say fewer, 1 or more, or a shorter horizon."
            raise LogError(message)
        return moments
    moments = sorted({reader.moment(cutoff, "cutoffs") for cutoff in cutoffs})
    late = [written(cut, purchases.resolution) for cut in moments if cut + steps > last]
    if late:
        message = (
            f"The log ends at {end}, before the horizon after {naming(late)} is over: say another, or a shorter horizon."
        )
        raise LogError(message)
    if not moments:
        message = "There is no cutoff to forecast from: say one, or how many."
        raise LogError(message)
    return moments


@dataclass(frozen=True, eq=False)
class _Job:
    """One forecaster at one origin."""

    name: str
    forecaster: Forecaster
    origin: Origin
    holdout: Holdout
    key: str

    @property
    def cutoff(self) -> str:
        return written(self.origin.cut, self.origin.past.resolution)


def _outcome(job: _Job) -> Outcome:
    kept = job.origin.kept
    return Outcome(job.cutoff, job.holdout, kept.customer[kept.starts()], job.origin.customers.frequency > 0)


def _done(job: _Job, shelf: _Shelf | None) -> Judged:
    """Take a forecast from the shelf, or make and judge it; what fails is a row that says how."""
    known = shelf and shelf.take(job)
    if known:
        return known
    try:
        judged = judge(job.name, job.cutoff, job.forecaster.forecast(job.origin), job.holdout)
    except Exception as trouble:  # noqa: BLE001  (one that fails must not take the others with it, and says why)
        return Judged(job.name, job.cutoff, {}, {}, {}, failed=f"{type(trouble).__name__}: {trouble}")
    if shelf:
        shelf.put(job, judged)
    return judged


def _key(purchases: Purchases, *told: object) -> str:
    """A name for all that a forecast depends on."""
    digest = sha256(repr((FORMAT, purchases.resolution, *map(_said, told))).encode())
    for column in (purchases.customer, purchases.bucket, purchases.value, purchases.refund):
        digest.update(b"" if column is None else column.tobytes())
    return digest.hexdigest()[:16]


def _said(told: object) -> str:
    """What somebody is made of, priors included, which models keep out of their own words."""
    if isinstance(told, tuple):
        return repr([_said(one) for one in told])
    if isinstance(told, Modelled | Stacking):
        models = told.models if isinstance(told, Stacking) else (told.model,)
        return f"{told!r} {[model.priors for model in models]!r}"
    return f"{told!r} {told.priors!r}" if isinstance(told, Model) else repr(told)


@dataclass(frozen=True)
class _Shelf:
    """A folder of what is done: a file a forecast, written aside and renamed."""

    folder: Path

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def _path(self, job: _Job) -> Path:
        return self.folder / f"{re.sub(r'[^0-9A-Za-z]+', '-', f'{job.cutoff} {job.name}')}-{job.key}.npz"

    def put(self, job: _Job, judged: Judged) -> None:
        """Keep a forecast."""
        told = {"told": dict(judged.told), "warnings": judged.warnings}
        totals = {f"{TOTAL}{name}": values for name, values in judged.totals.items()}
        with aside(self._path(job)) as draft, draft.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, told_=np.array(json.dumps(told)), **judged.columns, **totals)

    def take(self, job: _Job) -> Judged | None:
        """Return a forecast that was kept; one that can't be read is made anew."""
        try:
            with self._path(job).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            told = json.loads(str(arrays.pop("told_")))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return None
        totals = {name.removeprefix(TOTAL): values for name, values in arrays.items() if name.startswith(TOTAL)}
        columns = {name: values for name, values in arrays.items() if not name.startswith(TOTAL)}
        return Judged(job.name, job.cutoff, columns, totals, told["told"], tuple(told["warnings"]))
