"""What this installation can do, measured on this machine: one module for each subject, run by `voicecall bench`.

Each module has `measure() -> dict`, plain or asynchronous, which returns
`{"rows": [{"what": str, "value": float, "unit": str, "aim": float, "better": "less" or "more"}]}`; `aim` and `better`
only where there is an aim. Whatever else it returns is shown with `--json` only.
"""

__all__ = ()
