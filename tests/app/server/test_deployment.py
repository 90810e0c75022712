"""What deploy/ has: every command, option, setting, port and path in it exists, and it works.

Docker is not asked for; the services of the compose file are started by hand, where they are.
"""

import configparser
import dataclasses
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import click
import pytest
import redis
import yaml

from sighthound.app.cli import cli
from sighthound.core.project.environment import variable_of
from sighthound.core.project.settings import ServerSettings
from tests.paths import ROOT
from tests.tiny import make_project

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
NGINX = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
UNITS = sorted(DEPLOY.glob("*.service"))
KEYS = {variable_of(info.name) for info in dataclasses.fields(ServerSettings)}
WAIT_S = 600  # that a busy machine may take


def options_of(words):
    """Ask click whether a command takes these words."""
    name, *rest = words
    command = cli.get_command(click.Context(cli), name)
    assert command is not None, f"there is no command {name}"
    with command.make_context(name, rest, resilient_parsing=False) as context:
        return context.params


def commands():
    for name, service in COMPOSE["services"].items():
        if service["image"].startswith("sighthound"):
            yield f"compose, {name}", service["command"]
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert 'ENTRYPOINT ["sighthound"]' in dockerfile
    yield "Dockerfile", yaml.safe_load(re.search(r"^CMD (.*)$", dockerfile, re.MULTILINE)[1])
    for unit in UNITS:
        program, *words = shlex.split(re.search(r"^ExecStart=(.*)$", unit.read_text(), re.M)[1])
        assert program.endswith("/bin/sighthound")
        yield unit.name, words
    pod = next(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))
    yield "kubernetes", pod["spec"]["template"]["spec"]["containers"][0]["args"]


@pytest.mark.parametrize("words", [pytest.param(w, id=name) for name, w in commands()])
def test_every_command_of_a_service_is_one_that_there_is(words):
    assert str(options_of(words)["project"]).startswith(("/project", "/srv/sighthound/"))


@pytest.mark.parametrize("file", sorted(DEPLOY.iterdir()), ids=lambda file: file.name)
def test_every_variable_is_of_a_setting(file):
    named = set(re.findall(r"SIGHTHOUND_SERVER_[A-Z_]+", file.read_text(encoding="utf-8")))
    assert named <= KEYS


def test_ports_and_paths_of_the_services_fit_together():
    web = COMPOSE["services"]["web"]["environment"]
    assert f"server web:{web['SIGHTHOUND_SERVER_PORT']};" in NGINX
    assert f"location {web['SIGHTHOUND_SERVER_PATH']}/ {{" in NGINX
    assert f"location {web['SIGHTHOUND_SERVER_ACCEL']}/ {{" in NGINX
    asked = options_of(COMPOSE["services"]["inference"]["command"])
    assert web["SIGHTHOUND_SERVER_INFERENCE"] == f"tls://inference:{asked['port']}"
    assert web["SIGHTHOUND_SERVER_INFERENCE_KEYS"] == str(asked["keys"])
    published = COMPOSE["services"]["nginx"]["ports"][0].rpartition(":")[2]
    assert f"listen {published};" in NGINX
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert f"EXPOSE {web['SIGHTHOUND_SERVER_PORT']} {asked['port']}\n" in dockerfile
    for source in re.findall(r"^COPY (\S+)", dockerfile, re.MULTILINE):
        assert (ROOT / source).exists()
    size = int(re.search(r"client_max_body_size (\d+)m", NGINX)[1])
    assert size > ServerSettings.upload_mb


def test_docker_reads_the_compose_file_where_it_is(tmp_path):
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    plugin = shutil.which("docker") and ["docker", "compose"]
    if (
        not plugin
        or subprocess.run([*plugin, "version"], capture_output=True, check=False).returncode
    ):
        plugin = ["docker-compose"]
        if shutil.which(plugin[0]) is None:
            pytest.skip("neither 'docker compose' nor docker-compose is installed")
        # Its first version knows no name of the whole.
        text = re.sub(r"^name: .*\n", "", text, flags=re.MULTILINE)
    file = tmp_path / "compose.yaml"
    file.write_text(text)
    command = [*plugin, "--file", str(file), "config", "--quiet"]
    given = {**os.environ, "PROJECT": "/srv/project"}
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_visitor_cannot_say_through_nginx_who_they_are():
    assert f'proxy_set_header {ServerSettings.login_header} "";' in NGINX


def test_nothing_runs_as_root():
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER 10001$", dockerfile, re.MULTILINE)
    for name, service in COMPOSE["services"].items():
        assert name == "nginx" or service["cap_drop"] == ["ALL"]
    for unit in UNITS:
        settings = configparser.ConfigParser(strict=False, interpolation=None)
        settings.optionxform = str
        settings.read(unit)
        assert settings["Service"]["User"] not in ("root", "0")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_reads_the_units(unit, tmp_path):
    checker = shutil.which("systemd-analyze")
    if checker is None:
        pytest.skip("systemd-analyze is not installed")
    # Their program is not installed here.
    text = re.sub(r"/opt/sighthound/bin/sighthound", "/bin/true", unit.read_text())
    copy = tmp_path / unit.name.replace("@", "@yeast")
    copy.write_text(text)
    command = [checker, "verify", "--man=no", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert unit.name.split("@")[0] not in done.stderr, done.stderr


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(url, headers=None):
    request = urllib.request.Request(url, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def wait_for(url):
    limit = time.monotonic() + WAIT_S
    while True:
        try:
            found = fetch(url)
        except OSError:
            assert time.monotonic() < limit, f"{url} does not answer"
            time.sleep(0.1)
        else:
            return found


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The services of the compose file that serve a project, as processes of this machine."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed (apt-get install nginx-light)")
    folder = tmp_path_factory.mktemp("deployed")
    project = make_project(folder / "project")
    ports = {name: free_port() for name in ("inference", "web", "nginx", "redis")}
    here = {"/project": str(project), "/keys": str(folder / "keys"), "0.0.0.0": "127.0.0.1"}
    here |= {"8786": str(ports["inference"]), "8050": str(ports["web"])}
    here["tls://inference:8786"] = f"tls://127.0.0.1:{ports['inference']}"
    here["redis://redis:6379/0"] = f"redis://127.0.0.1:{ports['redis']}/0"
    here["${HOSTS:-localhost}"] = "localhost"

    def started(name):
        service = COMPOSE["services"][name]
        words = [here.get(word, word) for word in service["command"]]
        own = {key: here.get(value, value) for key, value in service.get("environment", {}).items()}
        command = [sys.executable, "-m", "sighthound", *words]
        return subprocess.Popen(command, env={**os.environ, **own})

    conf = NGINX.replace("/tmp/", f"{folder}/")
    conf = conf.replace("listen 8080;", f"listen 127.0.0.1:{ports['nginx']};")
    conf = conf.replace("server web:8050;", f"server 127.0.0.1:{ports['web']};")
    conf = conf.replace("alias /project/;", f"alias {project}/;")
    # As root it would give its workers away to a user who may not read a test's folder.
    (folder / "nginx.conf").write_text(("user root;\n" if os.getuid() == 0 else "") + conf)
    proxy = [program, "-e", "stderr", "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    processes = [started("inference"), started("web"), subprocess.Popen(proxy)]
    # Without it answers are computed each time.
    if shutil.which("redis-server"):
        words = [*COMPOSE["services"]["redis"]["command"], "--port", str(ports["redis"])]
        processes.append(subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL))
    try:
        address = f"http://127.0.0.1:{ports['nginx']}"
        wait_for(f"http://127.0.0.1:{ports['web']}/healthz")
        wait_for(address)
        yield address, project, here["redis://redis:6379/0"]
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(timeout=WAIT_S)


def test_the_page_comes_through_nginx_below_its_path(site):
    address, _project, _redis = site
    status, _headers, page = fetch(f"{address}/browser/")
    assert status == 200
    assert b"A tiny project" in page
    asked = re.findall(r'<[^<>]*?\b(?:href|src)="(/[^"]*)"', page.decode())
    assert len(asked) > 4
    assert {fetch(address + path)[0] for path in asked if "/guides/" not in path} == {200}
    status, _headers, genes = fetch(f"{address}/browser/api/v1/genes?chrom=chrI&start=0&end=9000")
    assert status == 200
    assert b"ALPHA1" in genes


def test_nginx_sends_ranges_itself_and_nobody_asks_it_for_files(site):
    address, project, _redis = site
    file = project / "predictions" / "atac.bw"
    url = f"{address}/browser/tracks/atac/prediction.bw"
    status, headers, data = fetch(url, {"Range": "bytes=100-299", "Origin": "http://igv.lab"})
    assert (status, data) == (206, file.read_bytes()[100:300])
    assert headers["Content-Range"] == f"bytes 100-299/{file.stat().st_size}"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["ETag"].strip('W/"').count("-") == 1  # nginx's own: time and size
    assert fetch(url)[2] == file.read_bytes()
    assert fetch(f"{address}/sighthound-files/sighthound.toml")[0] == 404
    assert fetch(f"{address}/browser/tracks/none/prediction.bw")[0] == 404


def test_the_inference_service_answers_what_the_page_asks(site):
    address, _project, shared = site
    url = f"{address}/browser/api/v1/saliency?track=atac&chrom=chrI&position=9000"
    limit = time.monotonic() + WAIT_S
    while (found := fetch(url))[0] in (202, 503) and time.monotonic() < limit:
        time.sleep(0.2)
    assert found[0] == 200, found
    if shutil.which("redis-server"):
        with redis.Redis.from_url(shared) as client:
            assert len(client.keys("sighthound:*")) > 0
