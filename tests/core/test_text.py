"""Text is read alike whatever its line ends, marks and compression."""

import gzip

import pysam
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.text import is_gzip, read_text, split_lines, text_lines

LINES = ["name\tvalue", "é\u2028second half of a line\t1", "\x0bend\t2"]


def written(path, data, compress):
    if compress == "gzip":
        path.write_bytes(gzip.compress(data))
    elif compress == "bgzip":
        with pysam.BGZFile(str(path), "w") as file:
            file.write(data)
    else:
        path.write_bytes(data)
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("compress", ["", "gzip", "bgzip"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lines_are_the_same_whatever_ends_marks_and_compresses_them(
    tmp_path, end, compress, encoding
):
    data = (end.join(LINES) + end).encode(encoding)
    path = written(tmp_path / "table.tsv", data, compress)
    assert list(text_lines(path)) == LINES
    assert is_gzip(path) == bool(compress)
    assert read_text(path) == "\n".join(LINES) + "\n"


def test_a_last_line_without_its_end_is_a_line(tmp_path):
    path = written(tmp_path / "table.tsv", b"a\nb", "")
    assert list(text_lines(path)) == split_lines("a\r\nb") == ["a", "b"]


def test_an_empty_file_has_no_lines(tmp_path):
    assert list(text_lines(written(tmp_path / "none", b"", ""))) == split_lines("") == []


def test_bytes_that_are_no_text_are_named_by_file_and_line(tmp_path):
    path = written(tmp_path / "table.tsv", b"good\n\xff\xfe\xfa\n", "")
    with pytest.raises(SighthoundError, match=r"table\.tsv, after line \d: not UTF-8"):
        list(text_lines(path))
    assert next(iter(text_lines(path, errors="replace"))) == "good"


@pytest.mark.parametrize("keep", [20, -9])
def test_damaged_compression_is_one_clear_line(tmp_path, keep):
    data = gzip.compress("\n".join(str(n) for n in range(9999)).encode())
    path = written(tmp_path / "table.gz", data[:keep], "")
    with pytest.raises(SighthoundError, match="damaged or cut short"):
        list(text_lines(path))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SighthoundError, match=r"none\.tsv cannot be read"):
        list(text_lines(tmp_path / "none.tsv"))
