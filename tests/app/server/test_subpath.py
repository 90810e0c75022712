"""A server below a path of a site: all that it gives leads to addresses below that path."""

import dataclasses
import json
import re

import pytest

from sighthound.app.server.application import create_app
from sighthound.core import SighthoundError, load_project
from tests.app.conftest import SETTINGS

PATH = "/lab/browser"


@pytest.fixture(scope="module")
def site(project):
    server = dataclasses.replace(project.server, path=PATH)
    app = create_app(dataclasses.replace(project, server=server), scheduler_address=None)
    return app.test_client()


@pytest.mark.parametrize("page", ["/", "/tracks", "/accuracy", "/about"])
def test_everything_that_a_page_asks_for_is_below_the_path(site, page):
    html = site.get(PATH + page).get_data(as_text=True)
    asked = re.findall(r'<[^<>]*?\b(?:href|src)="(/[^"]*)"', html)
    assert len(asked) > 4
    assert [address for address in asked if not address.startswith(f"{PATH}/")] == []
    missing = {a for a in asked if site.get(a.partition("#")[0], buffered=True).status_code != 200}
    assert missing <= {f"{PATH}/guides/"}  # a source tree may not have built them


def test_dash_asks_below_the_path_and_finds_its_panels_there(site):
    html = site.get(f"{PATH}/accuracy").get_data(as_text=True)
    config = json.loads(re.search(r'<script id="_dash-config"[^>]*>(.*?)</script>', html)[1])
    assert config["requests_pathname_prefix"] == f"{PATH}/pages/accuracy/"
    assert site.get(f"{PATH}/pages/accuracy/_dash-layout").status_code == 200
    refused = site.post(f"{PATH}/pages/accuracy/_dash-update-component", json={"output": "none"})
    assert refused.status_code == 400


def test_hubs_and_sessions_name_files_below_the_path(site):
    links = site.get(f"{PATH}/hub/links.json", headers={"Host": "localhost"}).get_json()
    urls = [file["url"] for file in links["bigwigs"]] + [links["hub"], links["jbrowse"]]
    assert all(url.startswith(f"http://localhost{PATH}/") for url in urls)
    bigwig = site.get(
        urls[0].removeprefix("http://localhost"), headers={"Range": "bytes=0-3"}, buffered=True
    )
    assert bigwig.status_code == 206


def test_a_proxy_may_take_the_path_off(site):
    assert site.get("/healthz").get_json() == {"status": "ok"}
    html = site.get("/about").get_data(as_text=True)
    assert f'href="{PATH}/tracks"' in html


def test_the_path_alone_leads_to_the_page(site):
    answer = site.get(f"{PATH}?locus=chrI:1-100")
    assert answer.status_code == 308
    assert answer.headers["Location"] == f"{PATH}/?locus=chrI:1-100"


@pytest.mark.parametrize("path", ["browser", "/browser/", "//x", "/../x", "/a b", "https://lab"])
def test_a_path_is_what_addresses_begin_with(project_folder, tmp_path, path):
    settings = SETTINGS.replace('fasta = "', f'fasta = "{project_folder}/').replace(
        'genes = "', f'genes = "{project_folder}/'
    )
    settings = settings.replace('table = "', f'table = "{project_folder}/')
    (tmp_path / "sighthound.toml").write_text(f'{settings}path = "{path}"\n')
    with pytest.raises(SighthoundError, match=r"\[server\] path is .*expected what addresses"):
        load_project(tmp_path)
