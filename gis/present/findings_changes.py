"""What became of findings since an earlier check, for a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gis.decide.findings_since import Change

if TYPE_CHECKING:
    from gis.decide.findings_since import Since
    from gis.present.style import Audience

__all__ = ["since_json"]


def since_json(since: Since, audience: Audience) -> dict[str, Any]:
    """Counts, both wordings, and (internal) the earlier findings that are gone or could not be compared; no places."""
    listed = audience == "internal"
    return {
        "earlier": since.earlier.plan,
        "earlier_as_of": since.earlier.as_of,
        **{change.value: count for change, count in since.counts().items()},
        "summary_zh": since.paragraph().zh,
        "summary_en": since.paragraph().en,
        "gone_findings": [each.row() for each in since.gone if listed],
        "not_compared_findings": [each.row() for each in since.earlier_that(Change.NOT_COMPARED) if listed],
    }
