"""VCF files are read in whatever form people have them, or refused in one line."""

import gzip

import pysam
import pytest

from sighthound.core import Genome, SighthoundError
from sighthound.core.variants.vcf import read_variants, samples
from sighthound.core.variants.vcf_forms import open_variants

VERSION = "##fileformat=VCFv4.4\n"
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
ROWS = "chr1\t1\trs1\tA\tG\t.\t.\t.\nchr1\t6\t.\tc\tt,CA\t.\tq10\tXX=1;YY\n"
TEXT = f"{VERSION}{COLUMNS}\n{ROWS}"


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    path = tmp_path_factory.mktemp("forms") / "g.fa"
    path.write_text(">chr1\n" + "ACGT" * 25 + "\n")
    return Genome(path)


FORMS = {
    "plain": TEXT.encode(),
    "gzip": gzip.compress(TEXT.encode()),
    "gzip of two parts": gzip.compress(TEXT[:200].encode()) + gzip.compress(TEXT[200:].encode()),
    "a byte-order mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "a byte-order mark in gzip": gzip.compress(b"\xef\xbb\xbf" + TEXT.encode()),
    "UTF-16": TEXT.encode("utf-16"),
    "CR LF": TEXT.replace("\n", "\r\n").encode(),
    "CR": TEXT.replace("\n", "\r").encode(),
    "no version": f"{COLUMNS}\n{ROWS}".encode(),
    "no last line end": TEXT.rstrip("\n").encode(),
    "a description that is not UTF-8": gzip.compress(TEXT.encode().replace(b"YY", b"Y=\xe9")),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["in.vcf", "in.vcf.gz"])
def test_a_file_is_read_in_every_form_whatever_its_name(genome, tmp_path, form, name):
    path = tmp_path / name
    path.write_bytes(FORMS[form])
    assert [str(v) for v in read_variants(path, genome)] == [
        "chr1:1:A:G", "chr1:6:C:T", "chr1:6:C:CA",
    ]  # fmt: skip


def test_a_long_header_goes_through_the_pipe_and_reading_may_stop_early(tmp_path):
    contigs = "".join(f"##contig=<ID=chr{n},length=1000>\n" for n in range(20_000))
    path = tmp_path / "in.vcf.gz"
    path.write_bytes(gzip.compress(f"{VERSION}{contigs}{COLUMNS}\n{ROWS * 20_000}".encode()))
    with open_variants(path) as file:
        assert len(file.header.contigs) == 20_000
        assert next(iter(file)).id == "rs1"
    assert samples(path) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no line that begins with #CHROM"),
        (ROWS.encode(), "line 1 comes before a line that begins with #CHROM"),
        (
            gzip.compress(ROWS.encode(), mtime=0),
            "line 1 comes before a line that begins with #CHROM",
        ),
        (TEXT.replace("\t", " ").encode(), "line 2: expected the columns .* between tabs"),
        (f"{VERSION}{COLUMNS}\tFORMAT\ta\tb\ta\n".encode(), "line 2: two samples are called 'a'"),
        (
            gzip.compress((TEXT + ROWS * 99).encode(), mtime=0)[:-20],
            "its compression is damaged or cut short",
        ),
        (TEXT.replace("1\trs1", "x\trs1").encode(), "cannot be read at its first record"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(genome, tmp_path, content, message):
    path = tmp_path / "in.vcf"
    path.write_bytes(content)
    with pytest.raises(SighthoundError, match=message) as error:
        read_variants(path, genome)
    assert "\n" not in str(error.value)


def test_binary_files_are_read_as_they_are(genome, tmp_path):
    (tmp_path / "in.vcf").write_text(
        f"{VERSION}##contig=<ID=chr1>\n{COLUMNS}\n{ROWS.splitlines()[0]}\n"
    )
    with (
        pysam.VariantFile(str(tmp_path / "in.vcf")) as text,
        pysam.VariantFile(str(tmp_path / "in.bcf"), "wb", header=text.header) as binary,
    ):
        for record in text:
            binary.write(record)
    assert [str(v) for v in read_variants(tmp_path / "in.bcf", genome)] == ["chr1:1:A:G"]
