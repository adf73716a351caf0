"""`voicecall serve`: the gateway."""

from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import show
from voice_entrypoints.cli.surroundings import loaded_settings, state_folder

__all__ = ("serve",)

_PLAIN = Shared()


async def serve(*, shared: Shared = _PLAIN) -> int:
    """Run the gateway until it is asked to stop (Ctrl-C or SIGTERM), which lets live calls end first.

    Prints one line, `ready <apiUrl> <webhookUrl>`, once it can take calls; logs go to stderr.
    """
    from voice_entrypoints.http.serve import serve as run_gateway
    from voice_entrypoints.logs import set_up_logs

    loaded = loaded_settings(shared)
    set_up_logs(loaded.settings)
    return await run_gateway(loaded, home=state_folder(make=True), announce=show)
