"""Where public databases describe a gene, by its cross-references and by what its id looks like.

Addresses only: nothing is fetched. Cross-references are as the attribute Dbxref of GFF3 has them,
"database:id", under the names that NCBI, Ensembl and the model organism databases give.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from sighthound.core.annotation.transcripts import Gene


@dataclass(frozen=True)
class GeneLink:
    """An entry on a gene in a public database.

    Attributes
    ----------
    database : str
        Its name.
    id : str
        Of the entry.
    url : str
        Where it is.
    """

    database: str
    id: str
    url: str


# Names that files give a database, in small letters -> what it is called, where its entries are.
_ENSEMBL = ("Ensembl", "https://www.ensembl.org/id/{}")
_NCBI = ("NCBI Gene", "https://www.ncbi.nlm.nih.gov/gene/{}")
_SGD = ("SGD", "https://www.yeastgenome.org/locus/{}")
_FLYBASE = ("FlyBase", "https://flybase.org/reports/{}")
_WORMBASE = ("WormBase", "https://wormbase.org/species/all/gene/{}")
_POMBASE = ("PomBase", "https://www.pombase.org/gene/{}")
_TAIR = ("TAIR", "https://www.arabidopsis.org/locus?name={}")
_UNIPROT = ("UniProt", "https://www.uniprot.org/uniprotkb/{}/entry")
_NAMES = "https://{}genenames.org/data/gene-symbol-report/#!/{}_id/{}:{{}}"
_DATABASES = {
    "ensembl": _ENSEMBL, "ensemblgenomes": _ENSEMBL,
    "geneid": _NCBI, "ncbigene": _NCBI, "entrezgene": _NCBI, "ncbi_geneid": _NCBI,
    "sgd": _SGD, "flybase": _FLYBASE, "fb": _FLYBASE, "wormbase": _WORMBASE, "wb": _WORMBASE,
    "pombase": _POMBASE, "tair": _TAIR, "araport": _TAIR,
    "hgnc": ("HGNC", _NAMES.format("www.", "hgnc", "HGNC")),
    "vgnc": ("VGNC", _NAMES.format("vertebrate.", "vgnc", "VGNC")),
    "mgi": ("MGI", "https://www.informatics.jax.org/accession/MGI:{}"),
    "rgd": ("RGD", "https://rgd.mcw.edu/rgdweb/report/gene/main.html?id={}"),
    "zfin": ("ZFIN", "https://zfin.org/{}"),
    "mim": ("OMIM", "https://www.omim.org/entry/{}"),
    "omim": ("OMIM", "https://www.omim.org/entry/{}"),
    "uniprotkb": _UNIPROT, "uniprotkb/swiss-prot": _UNIPROT, "uniprotkb/trembl": _UNIPROT,
    "uniprot": _UNIPROT, "swiss-prot": _UNIPROT,
}  # fmt: skip
# What ids of genes look like that are a database's own.
_OWN_IDS = (
    (re.compile(r"ENS[A-Z]*G\d{11}$"), _ENSEMBL),
    (re.compile(r"(Y[A-P][LR]\d{3}[WC](-[A-Z])?|Q\d{4})$"), _SGD),
    (re.compile(r"FBgn\d{7}$"), _FLYBASE),
    (re.compile(r"WBGene\d{8}$"), _WORMBASE),
    (re.compile(r"SP[ABCM][A-Z0-9]+\.\d{2}c?(\.\d)?$"), _POMBASE),
    (re.compile(r"AT[1-5CM]G\d{5}$"), _TAIR),
)


def gene_links(gene: Gene) -> tuple[GeneLink, ...]:
    """Give the entries on a gene in the databases that we know addresses of.

    Examples
    --------
    >>> tfc3 = Gene("YAL001C", "TFC3", "chrI", 0, 9, "-", (), aliases=("GeneID:851262", "tsv115"))
    >>> [(link.database, link.id) for link in gene_links(tfc3)]
    [('NCBI Gene', '851262'), ('SGD', 'YAL001C')]
    """
    referred = list(_referred(gene))
    # A database's own name for the gene is what it is referred to by, where it is.
    known = {link.database for link in referred}
    own = [link for link in _by_own_id(gene) if link.database not in known]
    return tuple(dict.fromkeys([*referred, *own]))


def _referred(gene: Gene) -> Iterator[GeneLink]:
    for alias in gene.aliases:
        name, colon, identifier = alias.partition(":")
        if not colon or not identifier or name.lower() not in _DATABASES:
            continue
        # "HGNC:HGNC:1100", "MGI:MGI:97490"
        bare = re.sub(rf"^{re.escape(name)}:", "", identifier, flags=re.IGNORECASE)
        yield _link(*_DATABASES[name.lower()], bare)


def _by_own_id(gene: Gene) -> Iterator[GeneLink]:
    bare = re.sub(r"\.\d+$", "", gene.id) if gene.id.startswith("ENS") else gene.id
    for pattern, (database, address) in _OWN_IDS:
        if pattern.match(bare):
            yield _link(database, address, bare)


def _link(database: str, address: str, identifier: str) -> GeneLink:
    return GeneLink(database, identifier, address.format(quote(identifier, safe=":")))
