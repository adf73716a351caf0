"""Programs that we start get no shell, and no secret among their arguments."""

import ast

from support.sources import sources

_SHELLS = {
    "os.system",
    "os.popen",
    "os.spawnl",
    "os.spawnlp",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "asyncio.create_subprocess_shell",
    "pty.spawn",
}
_STARTERS = {"open_process", "run_process", "run", "Popen", "call", "check_call", "check_output"}


def test_nothing_is_given_to_a_shell() -> None:
    found = [
        source.at(node.lineno)
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and _has_shell(node)
    ]

    assert found == []


def _has_shell(node: ast.Call) -> bool:
    asks = any(
        word.arg == "shell" and not (isinstance(word.value, ast.Constant) and word.value.value is False)
        for word in node.keywords
    )
    is_text = bool(node.args) and isinstance(node.args[0], ast.JoinedStr | ast.Constant | ast.BinOp)
    # anyio starts a shell when it is given one text in place of a list.
    return asks or ast.unparse(node.func) in _SHELLS or (_starts(node) and is_text)


def test_no_argument_of_a_program_is_a_secret() -> None:
    found = [
        source.at(node.lineno)
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and _starts(node) and node.args and _reveals(node.args[0])
    ]

    assert found == []


def _starts(node: ast.Call) -> bool:
    name = ast.unparse(node.func)
    head, _, last = name.rpartition(".")
    return last in _STARTERS and head in ("anyio", "subprocess")


def _reveals(argument: ast.expr) -> bool:
    return any(
        isinstance(part, ast.Attribute) and part.attr in ("reveal", "token", "auth_token", "api_key")
        for part in ast.walk(argument)
    )
