"""Kinds of documents: lines that say what a document is ("BILL OF LADING"), often larger than who sends it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from statistics import median

from hybrid.document import Document, Segment
from hybrid.verify.keys.places import right_of

_UNMISTAKABLE = (
    r"customs declaration|declaration of (?:origin|conformity)|bill of lading|(?:sea |air ?)?waybill"
    r"|(?:consignment|dispatch|delivery|credit|debit) (?:note|memo|order)|packing (?:list|slip)"
    r"|(?:remittance|payment) (?:advice|reminder)|(?:purchase|work|sales) order"
    r"|order (?:confirmation|acknowledge?ment)|(?:pro ?forma|commercial|tax|vat|sales) invoice"
    r"|statement of (?:account|earnings)|(?:account|bank|earnings|income|billing) statement"
    r"|pay ?(?:slip|stub)|time ?sheet|(?:academic|official) transcript|transcript of records"
    r"|certificate of [^\W\d_]+|registration (?:card|certificate|form)|(?:guest|hotel) folio"
    r"|(?:penalty|parking) (?:charge )?notice|notice of [^\W\d_]+|explanation of benefits"
    r"|(?:application|claim|consent|order) form|(?:lab|laboratory|test|expense|inspection) report"
    r"|(?:electricity|gas|water|energy|utility|phone|telephone|hotel|train|parking) (?:bill|ticket)"
    r"|discharge (?:summary|letter)|job (?:sheet|card)|expense claim|balance sheet"
    r"|(?:lease|rental|tenancy) agreement|(?:rental|employment) contract|contract of employment"
    r"|\w*rechnung|\w*mahnung|zahlungserinnerung|lieferschein|gutschrift|\w*angebot"
    r"|auftragsbestätigung|\w*bestellung|kontoauszug|frachtbrief|packliste|ladeschein|konnossement"
    r"|zoll(?:inhalts)?erklärung|\w*bescheinigung|\w*zeugnis|\w*bescheid|stundenzettel"
    r"|stundennachweis|\w*quittung|zahlungsavis|\w*vertrag|kostenvoranschlag|versicherungsschein"
    r"|facture|bon de (?:commande|livraison)|relevé (?:de compte|de notes|bancaire)"
    r"|lettre de voiture|connaissement|déclaration en douane|bulletin de (?:paie|salaire)"
    r"|mise en demeure|avis de paiement|liste de colisage|carte grise|note de crédit"
    r"|factura|fattura|orden de compra|nota de (?:crédito|entrega|abono)|estado de cuenta"
    r"|extracto (?:de cuenta|bancario)|carta de porte|conocimiento de embarque"
    r"|declaración de aduanas|requerimiento de pago|lista de empaque|aviso de pago"
    r"|expediente académico|hoja de horas"
    r"|factuur|pakbon|vrachtbrief|inkooporder|offerte|creditnota|bankafschrift|loonstrook|salarisspecificatie"
    r"|faktura(?: vat)?|list przewozowy|wyciąg bankowy|zamówienie|nota kredytowa|rachunek"
    r"|följesedel|följeseddel|kreditfaktura|kontoutdrag|lønseddel|lönespecifikation|ordrebekræftelse|orderbekräftelse"
    r"|nota di credito|documento di trasporto|busta paga|estratto conto|ordine d'acquisto|ricevuta fiscale"
    r"|fatura|nota de encomenda|guia de remessa|recibo de vencimento"
    r"|\w*protokoll|\w*(?:zertifikat|nachweis|ausweis|formular|abrechnung|mitteilung|übersicht|schein)"
    r"|\w*(?:bekræftelse|bekräftelse|bekreftelse|overeenkomst|kontrakt|contract|avtale|avtal|certifikat|bevis|todistus)"
    r"|umowa|contrato|contratto|contrat|potwierdzenie|zaświadczenie|certyfikat|protokół|confirmación|conferma"
    r"|confirmação|comprovante|comprobante|declaração|lasku|kuitti|tilausvahvistus|tarjous|lähete|faktúra|účtenka|objednávka|nabídka"
    r"|dodací list|note d'honoraires|reçu de paiement|sollecito|preventivo|scontrino"
    r"|(?:fee|debit) note|work ?sheet|service report|warranty card|tax notice"
)
_WORDS = (
    r"invoice|receipt|statement|quote|quotation|estimate|certificate|notice|reminder|transcript"
    r"|registration|prescription|folio|report|declaration|manifest|voucher|proposal"
    r"|rezept|beleg|devis|avoir|attestation|certificat|ordonnance|rappel|reçu|quittance"
    r"|presupuesto|cotización|pedido|albarán|extracto|certificado|nómina|receta|recordatorio|recibo"
)
_ALONE = r"bill|ticket|order|original|copy|duplicate|paid|received|page|offer"
"""Kinds where nothing but a number stands beside them."""
_NUMBERED = r"(?: ?(?:no|nr|number|#|n°|nº)\.?)?:?(?: ?[\w/-]*\d[\w/ -]*)?"
_WHOLE = re.compile(
    r"(?:(?:tax|vat|sales|pro ?forma|commercial|official|cash|final|original|copy|account) )*"
    rf"(?:{_UNMISTAKABLE}|{_WORDS}|{_ALONE}){_NUMBERED}",
    re.IGNORECASE,
)
_INSIDE = re.compile(rf"\b(?:{_UNMISTAKABLE})\b", re.IGNORECASE)
_BEGINS = re.compile(
    rf"(?:{_WORDS}) (?:of|for|no|nr|de|du|über)\b|(?:{_UNMISTAKABLE}|{_WORDS}) \S*\d\d",
    re.IGNORECASE,
)
_ENDS = re.compile(rf"(?:[^\W\d_]+[ -]){{1,3}}(?:{_WORDS}){_NUMBERED}", re.IGNORECASE)
_COMPANY = re.compile(
    r"\b(?:ltd|limited|llc|llp|inc|incorporated|corp|corporation|co|company|plc|gmbh|mbh|ag|kg|ohg|ug|se"
    r"|sarl|sas|sa|s\.a|s\.a\.r\.l|sl|s\.l|bv|b\.v|nv|n\.v|ab|as|oy|spa|s\.p\.a|srl|s\.r\.l|pvt|pty|bhd)\.?$"
    r"|[&+]",
    re.IGNORECASE,
)
"""In what is a company's name, whatever else it says: "Voucher Press Ltd"."""
LARGER = 1.15
"""Times as high as the page's lines, or more, are its largest ones: the document's name, the sender's."""
_HEAD = 0.35
"""Of a page's height, in which a document says what it is."""
_FEW_WORDS = 2
"""Of a part of what a document is, printed wide."""
_LONGEST = 80
"""Characters of a line that says what a document is."""


@lru_cache(maxsize=16_384)
def is_kind(text: str) -> bool:
    """Whether a line says what the document is, with its number or without."""
    text = text.strip()
    if len(text) > _LONGEST or _COMPANY.search(text):
        return False
    return any(
        (
            _WHOLE.fullmatch(text),
            _INSIDE.search(text),
            _BEGINS.match(text),
            _ENDS.fullmatch(text),
        )
    )


def kind_asked(called: str, field: re.Pattern[str]) -> str | None:
    """The kind of document that a field asks something of, "fee note" of "fee note number"; None for none.

    Args:
        called: The field, in small letters with blanks.
        field: Such names, with the kind as group `before` or `behind`.
    """
    match = field.fullmatch(called)
    kind: str = (match["before"] or match["behind"]) if match is not None else ""
    return kind if is_kind(kind) else None


def is_legal_form(text: str) -> bool:
    """Whether a line is nothing but the legal form of the company in the line above it: "S.A."."""
    return _COMPANY.fullmatch(text.strip()) is not None


def kind_lines(segments: Sequence[Segment]) -> frozenset[int]:
    """Indices of the segments that say what the document is, alone or with those to the right ("CREDIT  NOTE").

    Args:
        segments: Few, as those at the head of a page; in their order the indices count.
    """
    found: set[int] = set()
    for index, segment in enumerate(segments):
        if is_kind(segment.text):
            found.add(index)
            continue
        if len(segment.words) > _FEW_WORDS:
            continue
        right = right_of(segments, index)[:1]
        near = [k for k in right if segments[k].box.left - segment.box.right <= segment.box.height]
        if near and is_kind(f"{segment.text} {segments[near[0]].text}"):
            found |= {index, *near}
    return frozenset(found)


def kinds_of(document: Document) -> str:
    """What a document says it is in large letters at the head of its first page; "" where it does not."""
    page, usual = document.pages[0], usual_height(document)
    large = [
        segment
        for segment in page.segments
        if segment.box.bottom <= _HEAD * page.height and segment.box.height > LARGER * usual
    ]
    return "\n".join(large[k].text for k in sorted(kind_lines(large)))


def usual_height(document: Document) -> float:
    """The median height of the lines of the first page, in its units; 0 where it has none."""
    heights = [segment.box.height for segment in document.pages[0].segments]
    return median(heights) if heights else 0.0
