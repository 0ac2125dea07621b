"""Parts: a long table of customers scored into a folder, a part at a time.

Each part is written aside and renamed, so that what is there is whole; a run that was stopped goes on where it was, and ends
with the same files as one that wasn't. A part says of which run it is: of which valuation, which table and which interval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any, NamedTuple

from clvmodels.data.tables import CSV, PARQUET, check_target, ending_of, write_parts
from clvmodels.engines.grain import Grain
from clvmodels.engines.lazy import NUMBERS, LazyCustomers
from clvmodels.engines.tables import readable
from clvmodels.errors import CustomersError, FitError, QuestionError
from clvmodels.estimate import as_probability
from clvmodels.files import aside
from clvmodels.progress import counting
from clvmodels.storage import load
from clvmodels.streaming.batches import ROWS, need_pyarrow, recut, tables
from clvmodels.streaming.scoring import CHUNK, Scorer, only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

PART = 4 * CHUNK
"""Rows of a part."""

RUN = b"clvmodels.run"
"""Under which name a part says of which run it is."""

AHEAD = {"batch_size": ROWS, "batch_readahead": 2, "fragment_readahead": 1}
"""How much is read before it is asked for: little, for memory."""

SORTED = ".sorted"
"""The folder, among the parts, of what is put in order and doesn't fit into memory."""

MEMORY = "1GB"
"""What may be in memory while it is put in order."""


@dataclass(frozen=True)
class Source:
    """A table of customers on disk.

    Attributes
    ----------
    path
        a csv or parquet file, or a folder of parquet files
    customer_id
        the column that holds it
    ordered
        whether customers of equal histories are put next to each other first
    rounded
        how far apart their times are to lie then; 0 for times as they are
    """

    path: Path
    customer_id: str = "customer_id"
    ordered: bool = False
    rounded: float = 0.0

    @property
    def files(self) -> list[Path]:
        """The files, in the order in which they are read."""
        folder = self.path.is_dir()
        found = sorted(self.path.rglob("*.parquet")) if folder else [self.path]
        if not found or not self.path.exists():
            message = f"There is no {'parquet file in' if folder else 'file'} {self.path}."
            raise CustomersError(message)
        return found

    @property
    def counted(self) -> bool:
        """Whether its rows can be counted without reading it."""
        return self.path.is_dir() or ending_of(self.path) in PARQUET

    def opened(self) -> Any:  # noqa: ANN401  (pyarrow.dataset has no types)
        """Open it, nothing read yet."""
        from pyarrow import csv, dataset, float64, string  # noqa: PLC0415  (an extra)  # noqa: PLC0415

        files = list(map(str, self.files))
        if self.counted:
            return dataset.dataset(files, format="parquet", partitioning="hive")
        kinds = {**dict.fromkeys(NUMBERS, float64()), self.customer_id: string()}  # and not what first rows look like
        parsed = csv.ParseOptions(delimiter="\t" if ending_of(self.path).startswith(".tsv") else ",")
        form = dataset.CsvFileFormat(parsed, convert_options=csv.ConvertOptions(column_types=kinds))
        return dataset.dataset(files, format=form)

    def read(self, columns: tuple[str, ...]) -> Iterator[pa.Table]:
        """Read the columns of customers, as far as there are such, and some others, a few rows at a time."""
        found = self.opened()
        wanted = dict.fromkeys((self.customer_id, *NUMBERS, *columns))
        names = [name for name in wanted if name in found.schema.names]
        renamed = ["customer_id" if name == self.customer_id else name for name in names]
        return (table.rename_columns(renamed) for table in tables(found.to_batches(columns=names, **AHEAD)))

    def together(self, unit: str, folder: Path) -> LazyCustomers:
        """Put customers of equal histories next to each other; what doesn't fit into memory goes to a folder."""
        if not find_spec("duckdb"):
            message = "Customers are put in order by DuckDB. Install it with pip install 'clvmodels[duckdb]'."
            raise CustomersError(message)
        import duckdb  # noqa: PLC0415  (an extra)

        engine = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(folder)})
        there = LazyCustomers.from_frame(engine.from_arrow(self.opened()), unit, customer_id=self.customer_id)
        return there.rounded(time=self.rounded).ordered()

    def told(self) -> str:
        """Say which files these are, name, size and time of the last change, and how they are read."""
        stats = [(str(one.relative_to(self.path)), one.stat()) for one in self.files]
        return repr((replace(self, path=Path()), [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]))


class Scored(NamedTuple):
    """What a run has come to: how many customers, how many of them an earlier run had scored, and what must be known."""

    rows: int
    kept: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """A scoring run.

    Attributes
    ----------
    saved
        the file of a valuation
    source
        of the customers
    target
        a folder of parquet parts, or one csv or parquet file that is put together from such
    unit
        in which the times of the source are told, if that is known
    prob
        of the intervals
    """

    saved: Path
    source: Source
    target: Path
    unit: str | None = None
    prob: float = 0.9

    @property
    def single(self) -> bool:
        """Whether the target is one file."""
        return self.target.name.lower().endswith((*CSV, *PARQUET))

    @property
    def folder(self) -> Path:
        """Where the parts go."""
        return self.target.with_name(f"{self.target.name}.parts") if self.single else self.target

    def check(self) -> None:
        """Refuse what can't be, before any work is done."""
        need_pyarrow()
        as_probability(self.prob)
        Grain(time=self.source.rounded)
        check_target(self.target if self.single else self.target.with_suffix(".parquet"))
        if not self.single and self.target.is_file():
            message = f"{self.target} is a file: name a folder for the parts, or a csv or parquet file."
            raise QuestionError(message)
        if self.target.absolute() in (self.source.path.absolute(), self.saved.absolute()):
            message = f"{self.target} is what is read: say another place with --out."
            raise QuestionError(message)

    def scorer(self) -> Scorer:
        """Load the valuation."""
        found = load(self.saved)
        if not isinstance(found, Scorer):
            message = f"{self.saved} holds a fit, and scoring takes a valuation: keep one with worth.save(path)."
            raise FitError(message)
        return found

    def go(self) -> Scored:
        """Score all customers."""
        self.check()
        scorer = self.scorer()
        scorer.check(self.unit)
        signature = self.signature()
        done = self._begun(signature)
        with readable(self.source.path, CustomersError):
            total = self.source.opened().count_rows() if self.source.counted else None
        rows = kept = 0
        with counting(total, "Scoring") as advance:
            for number, part in enumerate(recut(self._read(scorer), PART)):
                place, rows = self.folder / f"part-{number:05}.parquet", rows + len(part)
                if place in done:
                    kept += len(part)
                    advance(len(part), worked=False)
                else:
                    _write(scorer.score(part, self.unit, self.prob), place, signature, advance)
        if not rows:
            message = f"There are no customers in {self.source.path}."
            raise CustomersError(message)
        if self.single:
            write_parts(sorted(self.folder.glob("*.parquet")), self.target)
            rmtree(self.folder)
        return Scored(rows, kept, Grain(time=self.source.rounded).sentences(scorer.unit))

    def _read(self, scorer: Scorer) -> Iterator[pa.Table]:
        """Read the customers, in the order in which they are scored."""
        with readable(self.source.path, CustomersError):
            yield from self._ordered(scorer) if self.source.ordered else self.source.read(scorer.columns)

    def _ordered(self, scorer: Scorer) -> Iterator[pa.Table]:
        """Read the customers, those of equal histories next to each other."""
        place = self.folder / SORTED
        try:
            with counting(None, "Putting those alike together"):
                found = tables(only(self.source.together(scorer.unit, place).table, scorer.columns).to_native())
                first = next(found)
            yield first
            yield from found
        finally:
            rmtree(place, ignore_errors=True)

    def signature(self) -> bytes:
        """Sum up, in a word, all that the scores follow from."""
        seen = sha256(self.saved.read_bytes())
        seen.update(repr((self.source.told(), self.unit, self.prob, PART)).encode())
        return seen.hexdigest().encode()

    def _begun(self, signature: bytes) -> set[Path]:
        """Find the parts that are there, refuse those of another run, and clear away what was left half-written."""
        from pyarrow import parquet  # noqa: PLC0415  (an extra)

        self.folder.mkdir(exist_ok=True)
        rmtree(self.folder / SORTED, ignore_errors=True)
        for draft in (*self.folder.glob(".*.part"), *self.target.parent.glob(f".{self.target.name}.*.part")):
            draft.unlink()
        found = set(self.folder.glob("*.parquet"))
        strange = [one.name for one in sorted(found) if (parquet.read_schema(one).metadata or {}).get(RUN) != signature]
        if strange:
            message = (
                f"{self.folder} holds {strange[0]}, which is of another valuation, table or interval than these. Say "
                "another place with --out, or remove that folder."
            )
            raise QuestionError(message)
        return found


def _write(batches: Iterator[pa.RecordBatch], place: Path, signature: bytes, advance: Callable[..., None]) -> None:
    """Write one part aside, a batch at a time, and rename it."""
    from pyarrow import parquet  # noqa: PLC0415  (an extra)

    first = next(batches)
    schema = first.schema.with_metadata({RUN: signature})
    with aside(place) as draft, parquet.ParquetWriter(draft, schema) as writer:
        writer.write_batch(first.replace_schema_metadata(schema.metadata))
        advance(first.num_rows)
        for batch in batches:
            writer.write_batch(batch.replace_schema_metadata(schema.metadata))
            advance(batch.num_rows)
