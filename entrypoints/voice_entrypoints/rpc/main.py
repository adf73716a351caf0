"""`voicecall-rpc`: JSON-RPC on standard input and output, one message a line.

If a gateway runs on the state folder, its phone is used; else this process opens one of its own.
"""

import functools
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import anyio

from voice_entrypoints.client_settings import ClientSettings, load_client_settings
from voice_entrypoints.event_loop import run
from voice_entrypoints.logs import set_up_logs
from voice_entrypoints.program_exit import exit_code, warn
from voice_entrypoints.program_options import named_settings_file
from voice_entrypoints.rpc.discovery import Gateway
from voice_entrypoints.rpc.listening_gateway import find_listening_gateway
from voice_entrypoints.rpc.lone_error import lone_errors
from voice_entrypoints.settings_source import home
from voice_entrypoints.stop_signals import stop_signals

__all__ = ("main",)

_DESCRIPTION = "JSON-RPC 2.0 on standard input and output, one message a line."


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve standard input until it ends, and return the exit code; errors are one sentence on standard error."""
    words = sys.argv[1:] if arguments is None else arguments
    config = named_settings_file(
        "voicecall-rpc", "JSON-RPC 2.0 on standard input and output, one message a line.", words
    )
    return exit_code(functools.partial(_run, config), words=words)


def _run(config: Path | None) -> int:
    loaded = load_client_settings(config, os.environ)
    set_up_logs(loaded.settings)
    warn(loaded.warnings)
    return run(functools.partial(_serve, loaded, home(os.environ)))


async def _serve(loaded: ClientSettings, folder: Path) -> int:
    """Serve until the input ends, or a signal asks to stop: then what shells make of that signal is returned."""
    code = 0

    async def heed(signals: AsyncIterator[signal.Signals]) -> None:
        nonlocal code
        code = 128 + await anext(signals)
        tasks.cancel_scope.cancel()

    with lone_errors(), anyio.open_signal_receiver(*stop_signals()) as signals:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(heed, signals)
            gateway = await find_listening_gateway(folder)
            if gateway is None:
                await _serve_own(loaded, folder)
            else:
                await _serve_by_gateway(gateway, loaded, folder)
            tasks.cancel_scope.cancel()
    return code


async def _serve_own(loaded: ClientSettings, folder: Path) -> None:
    from voice_domain.refusals import NotEnabledError
    from voice_entrypoints.container import Container
    from voice_entrypoints.rpc.client import GatewayUnreachableError
    from voice_entrypoints.rpc.jsonrpc import Dispatcher
    from voice_entrypoints.rpc.methods import phone_handlers
    from voice_entrypoints.rpc.operations import Operations
    from voice_entrypoints.rpc.stdio import serve_stdio
    from voice_entrypoints.wiring_lifetimes import running

    settings = loaded.require()
    if not settings.enabled:
        raise NotEnabledError
    container = Container(settings=settings, home=folder)
    if container.carrier_set().needs_address:
        raise GatewayUnreachableError(f"none runs, and {settings.provider} cannot reach a pipe")
    async with running(container, home=folder) as phone, anyio.create_task_group() as tasks:
        await serve_stdio(Dispatcher(phone_handlers(phone, Operations(tasks))), phone)
        tasks.cancel_scope.cancel()


async def _serve_by_gateway(gateway: Gateway, loaded: ClientSettings, folder: Path) -> None:
    from voice_entrypoints.rpc.client import GatewayUnreachableError, open_gateway_socket
    from voice_entrypoints.rpc.relay import relay
    from voice_entrypoints.rpc.stdio import lines_of, writer_to
    from voice_entrypoints.rpc.token_file import read_token, token_path
    from voice_entrypoints.rpc.websocket_client import SocketClosedError

    path = token_path(folder, loaded.settings.api.token_file)
    try:
        async with open_gateway_socket(gateway, read_token(path), path) as socket:
            await relay(lines_of(0), writer_to(1), socket)
    except* SocketClosedError as closed:
        raise GatewayUnreachableError(f"process {gateway.pid} closed the connection") from closed


if __name__ == "__main__":
    sys.exit(main())
