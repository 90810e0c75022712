"""What rows say under the pointer, compared with the files and the server's answers.

Read where a person reads it: in Chromium, with the mouse over a known base of a known row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pyBigWig
import pytest
from playwright.sync_api import Browser, FilePayload, expect

from sighthound.core.genome.sequence import Genome, Interval
from tests.browser.locus import Locus, until, visit
from tests.browser.site import CHROMIUM, answer
from tests.tiny import BIN, LENGTHS

MINUS = "\u2212"
MODELLED = ("atac", "cage.plus")
UNITS = {"atac": "mean per 64 bp", "cage.plus": "sum per 64 bp"}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: tests/install_tools.sh")


@pytest.fixture(scope="module")
def project(tiny_project: Path) -> Path:
    return tiny_project


@pytest.fixture(scope="module")
def site(tiny_site: str) -> str:
    return tiny_site


class Pointing(Locus):
    """A page whose rows are read with the mouse."""

    def said(self, x: float, y: float) -> dict[str, Any]:
        """The note at a place: its title, its lines by their labels, its hint."""
        page = self.page
        note = page.locator("#locus-note")
        page.mouse.move(5, 5)
        expect(note).to_be_hidden()
        page.mouse.move(x - 1, y)
        page.mouse.move(x, y)
        expect(note).to_be_visible()
        labels = note.locator(".note-line span:not(.note-swatch)").all_text_contents()
        hint = note.locator(".note-hint")
        return {
            "title": note.locator(".note-title").inner_text(),
            "lines": dict(
                zip(labels, note.locator(".note-line b").all_text_contents(), strict=True)
            ),
            "hint": hint.inner_text() if hint.count() else "",
        }

    def at(self, row: str, base: float) -> dict[str, Any]:
        """What a row says at a 0-based base."""
        return self.said(*self.point(row, base))

    def computed(self, question: str) -> Any:
        """The server's answer, once it has it."""
        found: Any = {}

        def is_there() -> bool:
            found.update(answer(f"{self.site}api/v1/{question}"))
            return "progress" not in found and not isinstance(found.pop("state", None), str)

        until(is_there, f"no answer to {question}")
        return found

    @property
    def crosshair(self) -> dict[str, list[float]]:
        """The numbers beside the crosshair, by the key of their row."""
        shown = self.page.locator("#crosshair-readings .reading:visible")
        return {
            reading.get_attribute("data-row") or "": [
                number(words)
                for words in reading.evaluate(
                    "(line) => [...line.childNodes].filter((node) => node.nodeType === 3)"
                    ".map((node) => node.data)"
                )
            ]
            for reading in shown.all()
        }


@pytest.fixture
def pointing(browser: Browser, site: str) -> Iterator[Pointing]:
    with visit(Pointing, browser, site) as visitor:
        yield visitor


def number(words: str) -> float:
    """The number that words begin with."""
    found = re.match(rf"[+{MINUS}]?[\d,.]+(e-?\d+)?", words)
    assert found is not None, words
    return float(found[0].replace(MINUS, "-").replace(",", ""))


def near(value: float) -> Any:
    """A number as it is written with three figures."""
    return pytest.approx(value, rel=6e-3, abs=1e-9)


def bases_of(project: Path, start: int, end: int) -> str:
    """Bases of chrI."""
    return Genome(project / "genome.fa").sequence(Interval("chrI", start, end)).upper()


def bins_of(project: Path, track: str, kind: str, chrom: str, start: int) -> np.ndarray:
    """The values of the model's bins from one on, straight from the file's bases."""
    folder = project / ("experiments" if kind == "experiment" else "predictions")
    with pyBigWig.open(str(folder / f"{track}.bw")) as file:
        if chrom not in file.chroms():
            return np.array([np.nan])
        values = file.values(chrom, start, LENGTHS[chrom], numpy=True)
    bins = [values[at : at + BIN] for at in range(0, len(values), BIN)]
    is_sum = kind == "experiment" and track.startswith("cage")
    return np.array([(np.nansum if is_sum else np.nanmean)(each) for each in bins])


def test_a_row_and_the_crosshair_say_what_the_files_have_in_the_bin(
    pointing: Pointing, project: Path
) -> None:
    for chrom, window, bases, modes in (
        ("chrI", "1-6000", (63, 64), ("pair", "overlay", "residual")),
        ("chrI", "36001-40000", (39_936, 39_999), ("pair",)),
        ("chrII", "26001-30001", (29_951, 30_000), ("residual",)),
    ):
        for mode in modes:
            pointing.open(f"?locus={chrom}:{window}&tracks={','.join(MODELLED)}&mode={mode}")
            for base in bases:
                start = base // BIN * BIN
                end = min(start + BIN, LENGTHS[chrom])
                for track in MODELLED:
                    kinds = ("experiment", "prediction")
                    wanted = {k: bins_of(project, track, k, chrom, start)[0] for k in kinds}
                    rows = [f"{track}/{k}" for k in (kinds if mode == "pair" else (mode,))]
                    for row in rows:
                        note = pointing.at(row, base)
                        assert note["title"] == f"{chrom}:{start + 1:,}-{end:,}"
                        name = "ATAC" if track == "atac" else "CAGE plus"
                        lines = note["lines"]
                        assert lines.pop(f"{name} ({UNITS[track]})") == ""
                        known = {k: v for k, v in wanted.items() if not np.isnan(v)}
                        assert {k: w for k, w in lines.items() if w != "no data"} == {
                            k: lines[k] for k in known
                        }
                        for kind, value in known.items():
                            assert number(lines[kind]) == near(value), (row, base, kind)
                        read = pointing.crosshair
                        expected = {
                            key: [known[k] for k in kinds if k in known and key.endswith((k, mode))]
                            for key in rows
                        }
                        for key, values in expected.items():
                            assert read.get(key, []) == near(values)  # type: ignore[arg-type]


def test_zoomed_out_a_row_says_the_mean_and_the_maximum_of_the_bins_of_a_column(
    pointing: Pointing, project: Path
) -> None:
    pointing.page.set_viewport_size({"width": 900, "height": 900})
    pointing.open(f"?locus=chrI:1-40000&tracks={','.join(MODELLED)}")
    for row in ("atac/experiment", "cage.plus/experiment", "cage.plus/prediction"):
        track, kind = row.split("/")
        for base in (130, 20_000, 39_990):
            note = pointing.at(row, base)
            first, last = (int(n.replace(",", "")) for n in note["title"][5:].split("-"))
            width = (last - first + 1) // BIN
            assert width > 1 or last == LENGTHS["chrI"]
            values = bins_of(project, track, kind, "chrI", first - 1)[: max(1, width)]
            mean, largest = re.fullmatch(r"(\S+) \(max (\S+)\)", note["lines"][kind]).groups()  # type: ignore[union-attr]
            assert number(mean) == near(values.mean())
            assert number(largest) == near(values.max())
            assert pointing.crosshair[row] == [near(values.mean())]


def test_a_gene_says_its_name_strand_place_and_description(pointing: Pointing) -> None:
    pointing.open("?locus=chrI:1001-9000&tracks=atac")
    genes = answer(f"{pointing.site}api/v1/genes?chrom=chrI&start=1000&end=9000")["genes"]
    assert [gene["name"] for gene in genes] == ["ALPHA1", "BETA1"]
    for gene in genes:
        place = pointing.hook("genePlace(given)", gene["id"])
        note = pointing.said(place["x"], place["y"])
        strand = {"+": "plus strand", "-": "minus strand"}[gene["strand"]]
        assert note["title"] == gene["name"]
        assert note["lines"] == {
            gene["id"]: strand,
            "span": f"chrI:{gene['start'] + 1:,}-{gene['end']:,}",
        }
        assert note["hint"].startswith(gene.get("description") or "Click")
        # Beside it the row says where one is.
        beside = pointing.at("genes", gene["start"] - 40)
        assert beside == {
            "title": f"chrI:{gene['start'] - 39:,}", "lines": {}, "hint": "",
        }  # fmt: skip


def test_a_saliency_says_the_answer_of_the_bin_and_where_there_is_none(pointing: Pointing) -> None:
    for position in (2_000, 39_900):
        start = max(0, position - 3_000)
        end = min(LENGTHS["chrI"], start + 6_000)
        pointing.open(
            f"?locus=chrI:{start + 1}-{end}&tracks=atac&saliency=atac@chrI:{position + 1}"
        )
        pointing.explained()
        found = answer(f"{pointing.site}api/v1/saliency?track=atac&chrom=chrI&position={position}")
        values = np.array(found["values"])
        strongest = int(np.abs(values).argmax())
        last = (LENGTHS["chrI"] - 1 - found["start"]) // BIN
        for bin_ in {strongest, strongest + 1, min(last, len(values) - 1)}:
            first = found["start"] + bin_ * BIN
            if not start <= first < end - BIN:
                continue
            note = pointing.at("atac/saliency", first + 5)
            assert note["title"] == f"chrI:{first + 1:,}-{first + BIN:,}"
            assert number(note["lines"][f"saliency ({UNITS['atac']})"]) == near(values[bin_])
            assert note["hint"].startswith("Click: which bases?")
            assert pointing.crosshair["atac/saliency"] == [near(values[bin_])]
    # Far from it the model has not looked.
    pointing.open("?locus=chrI:20001-26000&tracks=atac&saliency=atac@chrI:2001")
    pointing.explained()
    note = pointing.at("atac/saliency", 25_000)
    assert list(note["lines"].values()) == ["outside the model's window"]
    assert note["hint"] == ""


def test_rows_of_alleles_say_both_predictions_and_their_difference(
    pointing: Pointing, project: Path
) -> None:
    bases = bases_of(project, 5_030, 5_033)
    other = "A" if bases[0] != "A" else "C"
    for ref, alt in ((bases[0], other), (bases[0], f"{bases[0]}TTG"), (bases, bases[0])):
        variant = f"chrI:5031:{ref}:{alt}"
        pointing.open(f"?locus=chrI:4001-6000&tracks=cage.plus&variant={variant}")
        pointing.card()
        found = pointing.computed(f"variant?variants={quote(variant)}&tracks=cage.plus&most=1")
        assert found["tracks"] == ["cage.plus"]
        profile = {name: np.array(found[name][0]) for name in ("reference", "alternative")}
        changes = profile["alternative"] - profile["reference"]
        for bin_ in {int(np.abs(changes).argmax()), (5_030 - found["start"]) // BIN}:
            first = found["start"] + bin_ * BIN
            values = {name: profile[name][bin_] for name in ("reference", "alternative")}
            values["difference"] = changes[bin_]
            for row in ("cage.plus/alternative", "cage.plus/difference"):
                note = pointing.at(row, first + 20)
                assert note["title"] == f"chrI:{first + 1:,}-{first + BIN:,}"
                assert note["lines"].pop(f"CAGE plus ({UNITS['cage.plus']})") == ""
                assert note["lines"].keys() == values.keys()
                for name, value in values.items():
                    assert number(note["lines"][name]) == pytest.approx(value, rel=0.05, abs=5e-6)
            read = pointing.crosshair
            both = [values["reference"], values["alternative"]]
            assert read["cage.plus/alternative"] == pytest.approx(both, rel=0.02)
            assert read["cage.plus/difference"] == [
                pytest.approx(values["difference"], rel=0.05, abs=5e-6)
            ]
        flag = pointing.at("variants", 5_031)
        assert flag["title"] == f"chrI:5,031 {ref}>{alt}"


BED = """chrI\t1000\t1400\tfirst peak\t37.25\t-
chrI\t1200\t1500\t.\t0\t.
chrI\t2999\t3000
"""
NARROW_PEAK = "chrI\t1000\t1400\tpeak\t500\t.\t8.5\t3.1\t2.2\t150\n"
BED_GRAPH = "chrI\t0\t1280\t3.5\nchrI\t1280\t1312\t9\nchrI\t1344\t40000\t0.125\n"


def test_rows_of_ones_own_files_say_what_stands_in_the_files(
    pointing: Pointing, project: Path
) -> None:
    bases = bases_of(project, 3_000, 3_001)
    other = "A" if bases[0] != "A" else "C"
    inserted, deleted = bases_of(project, 3_100, 3_101), bases_of(project, 3_200, 3_204)
    calls: list[tuple[int, str, str, str]] = [
        (3_001, "rs1", bases[0], other),
        (3_101, ".", inserted, f"{inserted}GGT"),
        (3_201, "gone", deleted, deleted[0]),
    ]
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    rows = "".join(f"chrI\t{at}\t{name}\t{r}\t{a}\t.\t.\t.\n" for at, name, r, a in calls)
    files = {
        "mine.bed": BED, "summit.narrowPeak": NARROW_PEAK, "signal.bedGraph": BED_GRAPH,
        "calls.vcf": f"{head}{rows}",
    }  # fmt: skip
    page = pointing.open("?locus=chrI:901-5900&tracks=atac").page
    page.locator("#own-file").set_input_files(
        [FilePayload(name=n, mimeType="text/plain", buffer=t.encode()) for n, t in files.items()]
    )
    for name in files:
        expect(page.locator("#own-list li", has_text=name).locator("input")).to_be_checked()
    pointing.drawn()
    keys = {row["name"].partition(" of ")[2]: row["key"] for row in pointing.hook("rows()")}

    def feature(file: str, base: float, lane: int) -> dict[str, Any]:
        """What the row of a file says in one of its lanes of 14 pixels."""
        x, y = pointing.point(keys[file], base)
        return pointing.said(x, y - 22 + 14 * lane)

    assert feature("mine.bed", 1_100, 0) == {
        "title": "first peak",
        "lines": {"place": "chrI:1,001-1,400", "score": "37.3", "strand": "minus"},
        "hint": "",
    }
    assert feature("mine.bed", 1_450, 1)["title"] == "chrI:1,201-1,500"
    assert feature("mine.bed", 2_999, 0) == {"title": "chrI:3,000", "lines": {}, "hint": ""}
    assert feature("summit.narrowPeak", 1_100, 0) == {
        "title": "peak",
        "lines": {"place": "chrI:1,001-1,400", "score": "8.50", "summit": "1,151"},
        "hint": "",
    }
    for at, name, ref, alt in calls:
        note = feature("calls.vcf", at - 1, 0)
        end = at + len(ref) - 1
        place = f"chrI:{at:,}" + (f"-{end:,}" if end > at else "")
        title, more = (place, {}) if name == "." else (name, {"place": place})
        assert note["title"] == title
        assert note["lines"] == {**more, "alleles": f"{ref} > {alt}"}
        assert note["hint"] == "Click: what does it do to every track?"
    # What has no entry counts 0, as in an experiment.
    signal = next(key for name, key in keys.items() if name == "signal.bedGraph")
    for base, mean in ((1_000, 3.5), (1_290, 4.5), (1_320, 4.5), (1_344, 0.125)):
        note = pointing.at(signal, base)
        assert number(note["lines"]["experiment"]) == near(mean)
        assert pointing.crosshair[signal] == [near(mean)]
