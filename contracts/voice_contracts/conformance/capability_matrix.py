"""The capability matrix that the kit prints: what a carrier can do, and how that was found."""

from collections.abc import Iterable

from voice_contracts.conformance.about import ABILITY_AREAS, Area
from voice_contracts.conformance.check import Finding, Verdict
from voice_contracts.conformance.kit import KitReport

__all__ = ("capability_matrix",)


def capability_matrix(report: KitReport) -> str:
    """Return the table of a report, one row for each area, and below it every promise that is not kept."""
    rows = [("AREA", "CLAIMED", "FOUND"), *(_row(area, report) for area in Area)]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    lines = [f"{area:{widths[0]}}  {claimed:{widths[1]}}  {found}" for area, claimed, found in rows]
    kept = sum(finding.verdict is not Verdict.BROKEN for finding in report.findings)
    total = f"{report.carrier}: {kept} kept, {len(report.broken)} broken, in {report.seconds:.1f} s"
    broken = [f"{finding.area}: {finding.check}\n  {finding.sentence}" for finding in report.broken]
    return "\n".join([*lines, "", *broken, *([""] if broken else []), total])


def _row(area: Area, report: KitReport) -> tuple[str, str, str]:
    findings = [finding for finding in report.findings if finding.area is area]
    ability = ABILITY_AREAS.get(area)
    claimed = "–" if ability is None else "yes" if getattr(report.capabilities, ability) else "no"
    return area.value, claimed, _found(findings) or ("otherwise" if claimed == "yes" else "–")


def _found(findings: Iterable[Finding]) -> str:
    by_verdict: dict[Verdict, list[Finding]] = {}
    for finding in findings:
        by_verdict.setdefault(finding.verdict, []).append(finding)
    parts = [
        f"{len(by_verdict[verdict])} {verdict.value}"
        for verdict in (Verdict.KEPT, Verdict.BROKEN)
        if verdict in by_verdict
    ]
    if Verdict.REFUSED in by_verdict:
        parts.append("refused as unsupported")
    missing = {finding.sentence for finding in by_verdict.get(Verdict.NOT_SHOWN, ())}
    parts += [f"not shown: {sentence}" for sentence in sorted(missing)]
    return ", ".join(parts)
