"""Who may import what, where import-linter has no word for it."""

from support.sources import imported_names, sources

# Pure: no input or output, no clock, no chance, no logging, no waiting.
DOMAIN_MAY_IMPORT = {
    "attrs",
    "bisect",
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "heapq",
    "hmac",
    "ipaddress",
    "itertools",
    "math",
    "operator",
    "phonenumbers",
    "re",
    "string",
    "types",
    "typing",
    "unicodedata",
    "voice_domain",
    "zoneinfo",
}
# The package's root finds its public names when they are asked for, so that importing it costs next to nothing.
DOMAIN_MAY_ALSO = {("voice_domain", "importlib")}
CONCRETE_ADAPTERS = tuple(
    f"voice_adapters.{port}"
    for port in ("carriers", "responders", "speech", "stores", "transcribers", "tunnels")
)
# A loop whose clock jumps has to be one of asyncio's.
WITH_JUMPING_CLOCKS = (
    "voice_contracts.conformance.virtual_time",
    "voice_entrypoints.simulation.virtual_loop",
)
WIRING = ("voice_entrypoints.container", "voice_entrypoints.embed", "voice_entrypoints.wiring_")


def test_the_domain_imports_only_what_is_pure() -> None:
    strange = [
        f"{source.at(line)} imports {name}"
        for source in sources()
        if source.package == "voice_domain"
        for name, line in imported_names(source)
        if name.partition(".")[0] not in DOMAIN_MAY_IMPORT and (source.name, name) not in DOMAIN_MAY_ALSO
    ]

    assert strange == []


def test_the_domain_asks_no_clock() -> None:
    asked = [
        source.at(number)
        for source in sources()
        if source.package == "voice_domain"
        for number, line in enumerate(source.text.splitlines(), start=1)
        if any(call in line for call in (".now(", ".today(", ".utcnow("))
    ]

    assert asked == []


def test_asyncio_is_named_only_where_uvicorn_runs_and_where_time_is_made() -> None:
    strange = [
        source.at(line)
        for source in sources()
        for name, line in imported_names(source)
        if name.partition(".")[0] == "asyncio"
        # The server runs on asyncio, and gives the media streams' protocol class asyncio's transports.
        and "uvicorn" not in {name.partition(".")[0] for name, _ in imported_names(source)}
        and source.name not in WITH_JUMPING_CLOCKS
    ]

    assert strange == []


def test_only_the_container_and_embedding_wire_with_dependency_injector() -> None:
    strange = [
        source.at(line)
        for source in sources()
        for name, line in imported_names(source)
        if name.startswith("dependency_injector") and not source.name.startswith(WIRING)
    ]

    assert strange == []


def test_only_the_container_names_concrete_adapters() -> None:
    strange = [
        f"{source.at(line)} names {name}"
        for source in sources()
        if source.package == "voice_entrypoints"
        and not source.name.startswith((*WIRING, "voice_entrypoints.bench"))
        for name, line in imported_names(source)
        if name.startswith(CONCRETE_ADAPTERS)
    ]

    assert strange == []


def test_one_module_of_a_layer_imports_httpx() -> None:
    importers: dict[str, set[str]] = {}
    for source in sources():
        if any(name.partition(".")[0] == "httpx" for name, _ in imported_names(source)):
            importers.setdefault(source.package, set()).add(source.name)

    assert {package: names for package, names in importers.items() if len(names) > 1} == {}
