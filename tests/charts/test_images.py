"""The images that the chart asks for are those that are built, from a Dockerfile that keeps the house's rules."""

import re

from tests.charts.rendering import CHART, containers, pods, render, rendered_operator

ROOT = CHART.parents[1]
DOCKERFILE = (ROOT / "images" / "Dockerfile").read_text()
NAMES = (ROOT / "images" / "names.sh").read_text()


def images() -> list[str]:
    (names,) = re.findall(r"images=\(([a-z ][a-z -]+)\)", NAMES)
    return str(names).split()


def test_every_image_of_ours_that_a_pod_names_is_built() -> None:
    manifests = [*render("cpu"), *render("voice"), *rendered_operator()]
    named = {
        each["image"].split(":")[0].removeprefix("viva/")
        for _, _, spec in pods(manifests)
        for each in containers(spec)
        if each["image"].startswith("viva/")
    }
    assert named == set(images())


def test_the_user_is_a_number_and_the_chart_s() -> None:
    (user,) = re.findall(r"^USER (\d+):\d+$", DOCKERFILE, re.MULTILINE)
    users = {
        spec["securityContext"]["runAsUser"]
        for _, _, spec in pods(render("cpu"))
        if all(each["image"].startswith("viva/") for each in containers(spec))
    }
    assert users == {int(user)}


def test_no_image_carries_a_compiler_or_a_health_check() -> None:
    final = DOCKERFILE.split("FROM ${BASE}\n")[1]
    assert not re.search(r"build-essential|cmake|python3-venv|pip|HEALTHCHECK", final)
    assert not re.search("^HEALTHCHECK", DOCKERFILE, re.MULTILINE)
