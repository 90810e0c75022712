"""An index by place beside a VCF or an annotation is the file's own, or is refused in one line."""

import os
import shutil
from pathlib import Path

import pysam
import pytest

from sighthound.core import Genome, SighthoundError
from sighthound.core.variants.rsids import VariantIds
from sighthound.core.variants.tabix_index import index_problem, own_index, vcf_index
from sighthound.core.variants.vcf_forms import quiet

HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=chrI,length=900000>\n##contig=<ID=chrII>\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
)
# As many lines as fill several blocks of bgzip.
PLACES = [*(("chrI", p) for p in range(1, 900_000, 90)), *(("chrII", p) for p in range(5, 9_000))]


def rows(places: list[tuple[str, int]] = PLACES, first: int = 0) -> list[str]:
    return [f"{c}\t{p}\trs{n}\tA\tG\t.\t.\t.\n" for n, (c, p) in enumerate(places, first)]


def indexed(folder: Path, lines: list[str], header: str = HEADER, csi: bool = False) -> Path:
    folder.mkdir(exist_ok=True)
    plain = folder / "known.vcf"
    plain.write_text(header + "".join(lines))
    return Path(pysam.tabix_index(str(plain), preset="vcf", force=True, csi=csi))


def put_index(source: Path, target: Path, csi: bool = False) -> None:
    """Put a file's index beside another one, as if it were newer."""
    end = ".csi" if csi else ".tbi"
    shutil.copy(f"{source}{end}", f"{target}{end}")
    later = target.stat().st_mtime + 10
    os.utime(f"{target}{end}", (later, later))


@pytest.mark.parametrize("csi", [False, True])
@pytest.mark.parametrize("lines", [rows(), rows(PLACES[:1]), [], rows([("chrII", 1)])])
def test_a_files_own_index_fits(tmp_path, lines, csi):
    file = indexed(tmp_path / "a", lines, csi=csi)
    assert vcf_index(file) == Path(f"{file}.{'csi' if csi else 'tbi'}")


def test_the_own_index_of_a_bcf_fits_and_that_of_another_does_not(tmp_path):
    files = [tmp_path / "a.bcf", tmp_path / "b.bcf"]
    for file, lines in zip(files, (rows(), rows()[:9000]), strict=True):
        with (
            quiet(),
            pysam.VariantFile(str(indexed(tmp_path / file.stem, lines))) as source,
            pysam.VariantFile(str(file), "wb", header=source.header) as target,
        ):
            for record in source:
                target.write(record)
        pysam.tabix_index(str(file), preset="bcf")
    assert vcf_index(files[0]) == Path(f"{files[0]}.csi")
    put_index(files[1], files[0], csi=True)
    with pytest.raises(SighthoundError, match="damaged or of another file"):
        vcf_index(files[0])


OTHER = {
    "with lines more at the end": rows([*PLACES, ("chrII", 9_500)]),
    "with lines less at the end": rows()[:-5],
    "with a line more at the beginning": rows([("chrI", 1), *PLACES]),
    "with other ids in the middle": [*rows()[:4000], *rows(PLACES[4000:], 1_000_000)],
    "of one sequence of them": rows(PLACES[:10_000]),
    "of the same places on another sequence": rows([("chrII", p) for _, p in PLACES[:10_000]]),
    "without a line": [],
}


@pytest.mark.parametrize("csi", [False, True])
@pytest.mark.parametrize("lines", OTHER.values(), ids=OTHER)
def test_a_newer_index_of_another_file_is_refused(tmp_path, lines, csi):
    mine, other = indexed(tmp_path / "a", rows(), csi=csi), indexed(tmp_path / "b", lines, csi=csi)
    put_index(other, mine, csi)
    with pytest.raises(SighthoundError, match=r"index.*another file.*tabix -f -p vcf known.vcf.gz"):
        vcf_index(mine)
    assert own_index(mine) is None


def test_an_index_of_the_same_lines_below_a_longer_header_is_refused(tmp_path):
    mine = indexed(tmp_path / "a", rows(), HEADER.replace("##contig", "##source=x\n##contig", 1))
    put_index(indexed(tmp_path / "b", rows()), mine)
    assert "of another file" in index_problem(mine, Path(f"{mine}.tbi"))


@pytest.mark.parametrize("data", [b"", b"no index", b"\x1f\x8b", None])
def test_an_index_that_is_none_is_refused(tmp_path, data):
    mine = indexed(tmp_path / "a", rows())
    index = Path(f"{mine}.tbi")
    index.write_bytes(index.read_bytes()[:200] if data is None else data)
    with pytest.raises(SighthoundError, match="damaged or of another file"):
        vcf_index(mine)


def test_ids_are_not_looked_up_by_an_index_of_another_file(tmp_path):
    (tmp_path / "g.fa").write_text(f">chrI\n{'A' * 900_000}\n>chrII\n{'A' * 9_000}\n")
    mine = indexed(tmp_path / "a", rows())
    ids = VariantIds(mine, tmp_path / "ids", Genome(tmp_path / "g.fa"))
    ids.build()
    assert [str(v) for v in ids.find("rs5000")] == ["chrI:450001:A:G"]
    put_index(indexed(tmp_path / "b", rows()[::2]), mine)
    with pytest.raises(SighthoundError, match="damaged or of another file"):
        ids.find("rs5000")
    os.utime(f"{mine}.tbi", (1, 1))
    with pytest.raises(SighthoundError, match="is newer than its index"):
        ids.find("rs5000")


def test_the_index_that_was_checked_is_the_one_that_is_read(tmp_path):
    """Beside a .csi, htslib takes that, whatever the .tbi is."""
    (tmp_path / "g.fa").write_text(f">chrI\n{'A' * 900_000}\n>chrII\n{'A' * 9_000}\n")
    mine = indexed(tmp_path / "a", rows())
    put_index(indexed(tmp_path / "b", rows()[::2], csi=True), mine, csi=True)
    ids = VariantIds(mine, tmp_path / "ids", Genome(tmp_path / "g.fa"))
    ids.build()
    assert [str(v) for v in ids.find("rs15000")] == ["chrII:5005:A:G"]


def test_the_index_of_an_annotation_is_held_against_it_too(tmp_path):
    line = "chrI\tx\tgene\t{}\t{}\t.\t+\t.\tID=g{}\n"
    files = []
    for name, step in (("a", 50), ("b", 60)):
        plain = tmp_path / f"{name}.gff3"
        genes = (line.format(p, p + 9, p) for p in range(1, 300_000, step))
        plain.write_text("##gff-version 3\n" + "".join(genes))
        files.append(Path(pysam.tabix_index(str(plain), preset="gff", force=True)))
    assert own_index(files[0]) == Path(f"{files[0]}.tbi")
    put_index(files[1], files[0])
    assert own_index(files[0]) is None
