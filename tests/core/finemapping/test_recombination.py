"""Genetic maps of every layout give the same rates, and what is none is refused."""

from pathlib import Path

import numpy as np
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.finemapping.recombination import read_genetic_map

# The same map: 2 cM/Mb from 101, 0 from 1,101, and where it goes on 50 cM/Mb from 2,101 to 3,101.
LAYOUTS = {
    "HapMap": "Chromosome\tPosition(bp)\tRate(cM/Mb)\tMap(cM)\nchr7\t101\t2\t0\n"
    "chr7\t1101\t0\t0.002\nchr7\t2101\t50\t0.002\nchr7\t3101\t0\t0.052\n",
    "SHAPEIT": "position COMBINED_rate(cM/Mb) Genetic_Map(cM)\n101 0 0\n1101 2 0.002\n"
    "2101 0 0.002\n3101 50 0.052\n",
    "PLINK": "7\trs1\t0\t101\n7\trs2\t0.002\t1101\n7\trs3\t0.002\t2101\n7\trs4\t0.052\t3101\n",
    "LocusZoom": '{"data": {"chromosome": ["7", "7", "7", "7"], "recomb_rate": [2, 0, 50, 0], '
    '"position": [101, 1101, 2101, 3101], "pos_cm": [0, 0, 0, 0.1]}}',
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_rates(tmp_path: Path, layout: str) -> None:
    file = tmp_path / "map.txt"
    file.write_text(LAYOUTS[layout])
    places, rates = read_genetic_map(file).rates("chr7", 500, 2501)
    assert places.tolist() == [500, 1100, 2100]
    np.testing.assert_allclose(rates, [2, 0, 50], atol=1e-9)


def test_nothing_is_given_where_the_map_is_not(tmp_path: Path) -> None:
    file = tmp_path / "map.txt"
    file.write_text(LAYOUTS["HapMap"])
    known = read_genetic_map(file)
    for chrom, start, end in (("8", 0, 5000), ("7", 4000, 5000), ("7", 0, 90)):
        assert not len(known.rates(chrom, start, end)[0])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("chrom\tpos\tx\n1\t5\t3\n", "is no genetic map: columns are chrom, pos, x; expected"),
        ("chrom\tpos\tcM\n1\t5\t3\n1\t9\t2\n", "map of chromosome 1 falls after position 5"),
        ("chrom\tpos\tcM\n1\t5\tmuch\n", "row 1: 'much' in column 'cM' is no number"),
        ("", "is empty"),
    ],
)
def test_what_is_no_map_is_refused(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "map.txt"
    file.write_text(text)
    with pytest.raises(SighthoundError, match=says):
        read_genetic_map(file)
