"""The route /api/v1/gene."""

from __future__ import annotations

from flask.testing import FlaskClient


def test_a_gene_is_told_with_its_starts_and_links(web: FlaskClient) -> None:
    gene = web.get("/api/v1/gene?chrom=chrI&start=0&end=2000&gene=YAL001C").get_json()
    assert (gene["name"], gene["start"], gene["end"]) == ("TFC3", 1000, 3000)
    assert gene["starts"] == [{"position": 1000, "transcripts": ["YAL001C.1"]}]
    assert [link["url"] for link in gene["links"]] == ["https://www.yeastgenome.org/locus/YAL001C"]


def test_a_gene_that_is_not_there_is_refused_in_a_line(web: FlaskClient) -> None:
    for where in ("start=5000&end=6000&gene=YAL001C", "start=0&end=2000&gene=nobody"):
        answer = web.get(f"/api/v1/gene?chrom=chrI&{where}")
        assert answer.status_code == 400
        assert "no gene has the id" in answer.get_json()["error"]
