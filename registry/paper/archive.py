"""What makes a PDF one to keep: PDF/A-3 (ISO 19005-3), the same bytes every time, and evidence in it between marks.

fpdf2 sees to the fonts, the output intent (sRGB) and the files; its own XMP says when it was made, and this does not.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Any, Final

from fpdf import FPDF
from fpdf.annotations import PDFEmbeddedFile
from fpdf.enums import AssociatedFileRelationship
from fpdf.fonts import TTFFont

from verifier.evidence.build import marked
from verifier.evidence.file import MAX_EVIDENCE, MEDIA_TYPE
from verifier.evidence.pdf import BEFORE, evidence_in

PRODUCER: Final = "Kembar"
MAX_CARRIED: Final = MAX_EVIDENCE - (16 << 20)
"""Bytes of evidence in a paper: pages and fonts come to less than the rest."""


class TooMuchEvidence(Exception):
    """The evidence is too large to be carried by a paper."""


class MarkedFile(PDFEmbeddedFile):
    """An embedded file of which the bytes stand between the protocol's marks (section 7.5)."""

    def serialize(self, obj_dict: Any = None, _security_handler: Any = None) -> str:
        text: str = super().serialize(obj_dict, _security_handler)
        before, _, after = text.partition("\n>>\nstream\n")
        return before + marked(self.content_stream()).decode("latin-1") + after


class Archived(FPDF):
    """A4, made ``at`` an instant (POSIX seconds), which is what it says of itself. ``title`` is in ``language``."""

    def __init__(self, title: str, language: str, at: int) -> None:
        super().__init__(orientation="portrait", unit="mm", format="A4", enforce_compliance="PDFA_3B")
        made = datetime.fromtimestamp(at, UTC)
        self.set_title(title)
        self.set_lang(language)
        self.set_producer(PRODUCER)
        self.set_creator(PRODUCER)
        self.set_creation_date(made)
        self.set_xmp_metadata(_xmp(title, language, made))
        self.set_auto_page_break(False)
        self.alias_nb_pages("")  # else somebody called {nb} is called by a number
        self.made = made

    def finish(self, evidence: bytes | None, name: str) -> bytes:
        """The whole file, with ``evidence`` in it under a ``name``. Raises :class:`TooMuchEvidence`."""
        try:
            return self._finished(evidence, name)
        finally:
            for font in self.fonts.values():
                if isinstance(font, TTFFont):
                    font.ttfont.close()

    def _finished(self, evidence: bytes | None, name: str) -> bytes:
        if evidence is not None:
            if len(evidence) > MAX_CARRIED:
                raise TooMuchEvidence
            self.embedded_files.append(
                MarkedFile(
                    basename=name,
                    contents=evidence,
                    desc=name,
                    modification_date=self.made,
                    mime_type=MEDIA_TYPE,
                    af_relationship=AssociatedFileRelationship.SOURCE,
                )
            )
        made = bytes(self.output())
        if evidence is not None:
            assert evidence_in(made, MAX_EVIDENCE) == evidence, f"the marks {BEFORE!r} are not where they belong"
        return made


def _xmp(title: str, language: str, made: datetime) -> str:
    """What the file says of itself: XMP (ISO 16684-1), in the schema of PDF/A for its part and level."""
    when = made.isoformat(timespec="seconds")
    return f"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" \
xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
   <pdfaid:part>3</pdfaid:part>
   <pdfaid:conformance>B</pdfaid:conformance>
   <dc:format>application/pdf</dc:format>
   <dc:language><rdf:Bag><rdf:li>{escape(language)}</rdf:li></rdf:Bag></dc:language>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>
   <pdf:Producer>{PRODUCER}</pdf:Producer>
   <xmp:CreatorTool>{PRODUCER}</xmp:CreatorTool>
   <xmp:CreateDate>{when}</xmp:CreateDate>
   <xmp:ModifyDate>{when}</xmp:ModifyDate>
   <xmp:MetadataDate>{when}</xmp:MetadataDate>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>"""
