"""The form and the two-page invoice among the samples. All names and numbers are invented."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from ..drawing.sheet import Drawing, Sheet, Style

Gold = dict[str, str | None]

_KEY: Final = Style("sans", 9.5)
_VALUE: Final = Style("mono-bold", 10.5)


def loan_request() -> tuple[Drawing, Gold]:
    """A filled-in office form: rows, two columns, boxes with the key above the value."""
    sheet = Sheet(612, 770)
    sheet.fill(48, 40, 78, 70, ink=40)
    sheet.ellipse(55, 47, 71, 63, ink=230)
    sheet.text("NORTHFIELD RESEARCH INSTITUTE", 92, 42, Style("serif-bold", 13))
    sheet.text("Instrument Services, Building C", 92, 58, Style("serif", 10))
    sheet.text("EQUIPMENT LOAN REQUEST", 306, 92, Style("sans-bold", 15), "header", align="center")
    _rows(sheet, 122, 48, 132, 290, (("Request No.:", "EL-20417"), ("Date:", "March 14, 2024")))
    _rows(sheet, 122, 330, 404, 564, (("Priority:", "Routine"), ("Cost Center:", "7716-02")))

    sheet.text("1. REQUESTER", 48, 168, Style("sans-bold", 11), "header")
    _rows(
        sheet,
        190,
        48,
        132,
        290,
        (("Name:", "Margaret Osei"), ("Department:", "Polymer Chemistry"), ("Room:", "C-214")),
    )
    _rows(
        sheet,
        190,
        330,
        404,
        564,
        (("Phone:", "555-0182"), ("E-mail:", "m.osei@northfield.example"), ("Badge ID:", "60933")),
    )

    sheet.text("2. EQUIPMENT", 48, 268, Style("sans-bold", 11), "header")
    cells = (
        ("Instrument", "Rotary Viscometer"),
        ("Model", "RV-300"),
        ("Serial Number", "SN 88412-A"),
        ("Loan Start", "04/01/2024"),
        ("Loan End", "06/28/2024"),
        ("Accessories", "Spindle set, stand"),
    )
    for index, (key, value) in enumerate(cells):
        left, top = 48 + 172 * (index % 3), 290 + 46 * (index // 3)
        sheet.frame(left, top, left + 172, top + 46)
        question = sheet.text(key, left + 6, top + 5, Style("sans", 8.5), "question")
        sheet.link(question, sheet.text(value, left + 8, top + 24, _VALUE, "answer"))

    sheet.text("3. PURPOSE AND DELIVERY", 48, 404, Style("sans-bold", 11), "header")
    purpose = sheet.text("Purpose of Loan:", 48, 428, _KEY, "question")
    lines = ("Viscosity of cellulose blends between", "20 and 80 degrees, project Amber.")
    sheet.link(purpose, sheet.lines(lines, 168, 427, _VALUE, "answer", leading=1.5)[0])
    deliver = sheet.text("Deliver To:", 48, 474, _KEY, "question")
    lines = ("Loading dock 2, Building C", "1450 Foundry Road")
    sheet.link(deliver, sheet.lines(lines, 168, 473, _VALUE, "answer", leading=1.5)[0])
    _rows(
        sheet,
        520,
        48,
        168,
        320,
        (("Insurance Value:", "$ 8,450.00"), ("Approved By:", "T. Lindqvist")),
    )
    _rows(sheet, 520, 350, 420, 564, (("Returned On:", None), ("Condition:", None)))

    sheet.rule(48, 620, 270, 620)
    sheet.rule(340, 620, 564, 620)
    sheet.text("Signature of Requester", 48, 624, Style("sans", 8.5), "question")
    sheet.text("Signature of Approver", 340, 624, Style("sans", 8.5), "question")
    notes = (
        "Instruments remain the property of the Institute. The requester is responsible for loss or",
        "damage and returns all accessories with the instrument. Calibration seals must stay intact.",
    )
    sheet.lines(notes, 48, 664, Style("serif", 9.5))
    sheet.text("Form NRI-118 (rev. 2)", 48, 716, Style("sans", 8))
    sheet.text("White: Stores", 564, 716, Style("sans", 8), align="right")
    drawing = sheet.finish("form-equipment-loan", scale=2.0)
    gold: Gold = {}
    for index, (question_text, answer) in enumerate(drawing.pairs):
        gold[f"pairs[{index}].question"] = question_text
        gold[f"pairs[{index}].answer"] = answer
    # A key that nobody filled in is on the form too: a question without an answer.
    asked = {question for question, _ in drawing.pairs}
    labelled = zip(drawing.document.segments, drawing.labels, strict=True)
    blank = [s.text for s, label in labelled if label == "question" and s.text not in asked]
    for index, question_text in enumerate(blank, start=len(drawing.pairs)):
        gold[f"pairs[{index}].question"] = question_text
        gold[f"pairs[{index}].answer"] = None
    return drawing, gold


def _rows(
    sheet: Sheet,
    top: float,
    left: float,
    value_left: float,
    line_right: float,
    rows: tuple[tuple[str, str | None], ...],
) -> None:
    """Rows of key and value, the value on a line to write on; None leaves it empty."""
    for key, value in rows:
        question = sheet.text(key, left, top, _KEY, "question")
        sheet.rule(value_left - 4, top + 12, line_right, top + 12, ink=120)
        if value is not None:
            sheet.link(question, sheet.text(value, value_left, top - 1, _VALUE, "answer"))
        top += 23


_LINES: Final = tuple(
    (code, name, int(quantity), Decimal(price))
    for code, name, quantity, price in (
        line.split("|")
        for line in """\
LB-1001|Pine shelving board 120 x 30 cm|24|8.90
LB-1004|Pine shelving board 180 x 30 cm|12|13.40
LB-1120|Oak veneer panel, matt lacquered|6|46.75
LB-1133|Birch plywood 12 mm, cut to size|18|21.60
HW-2003|Shelf bracket, powder coated white|96|1.85
HW-2017|Wall anchor 8 mm with screw (box of 50)|4|9.20
HW-2044|Cabinet hinge, soft close|60|2.95
HW-2045|Mounting plate for cabinet hinge|60|0.85
HW-2101|Drawer runner 450 mm, full extension|20|14.30
HW-2210|Handle, brushed steel, 128 mm|45|3.65
HW-2215|Handle, brushed steel, 192 mm|15|4.80
HW-2307|Furniture leg, adjustable 100 mm|80|1.10
FN-3002|Hardwax oil, clear, 2.5 l|5|58.00
FN-3010|Wood filler, oak, 250 g|8|6.45
FN-3021|Abrasive disc 150 mm, grain 120|100|0.62
FN-3022|Abrasive disc 150 mm, grain 180|100|0.62
FN-3040|Wood glue D3, 750 g|9|7.95
EL-4006|LED strip 24 V, warm white, 5 m|14|19.90
EL-4011|Power supply 24 V, 60 W|7|27.50
EL-4015|Aluminium profile for LED strip, 2 m|28|8.25
EL-4030|Touch dimmer, surface mounted|7|16.80
GL-5002|Glass shelf 6 mm, polished edge|22|18.15
GL-5007|Shelf support for glass, nickel|88|0.95
GL-5011|Mirror 60 x 120 cm, bevelled|3|74.00
UP-6001|Seat cushion, wool felt, grey|16|29.50
UP-6004|Foam sheet 50 mm, 100 x 200 cm|5|41.20
SV-9001|Cutting and edging, per hour|11|48.00
SV-9004|Delivery and carrying to the third floor|1|135.00""".splitlines()
    )
)
_ROWS_ON_FIRST_PAGE: Final = 19


def furniture_invoice() -> tuple[Drawing, Gold]:
    """An invoice of two A4 pages: the table goes on, and the totals stand, on page two."""
    sheet = Sheet(595, 842)
    sheet.fill(50, 44, 82, 76, ink=70)
    sheet.fill(66, 60, 98, 92, ink=150)
    sheet.text("Alder & Finch Joinery Ltd", 112, 48, Style("sans-bold", 17))
    sheet.text("Unit 5, Canal Works, Leeds LS11 5QN", 112, 70, Style("sans", 9))
    sheet.text("accounts@alderfinch.example   +44 113 496 0188", 112, 82, Style("sans", 9))
    sheet.text("INVOICE", 545, 48, Style("sans-bold", 22), "header", align="right")

    sheet.text("Bill to", 50, 126, Style("sans-bold", 9), "question")
    buyer = ("Marlowe Library Trust", "Finance Office", "14 Abbey Walk", "York YO30 7BH")
    sheet.lines(buyer, 50, 140, Style("sans", 10.5), "answer", leading=1.3)
    facts = (
        ("Invoice number", "AF-2024-0613"),
        ("Invoice date", "18 June 2024"),
        ("Due date", "18 July 2024"),
        ("Purchase order", "MLT-PO-7742"),
        ("VAT number", "GB 417 2260 93"),
    )
    for index, (key, value) in enumerate(facts):
        top = 126 + 16 * index
        question = sheet.text(key, 350, top, Style("sans-bold", 10), "question")
        sheet.link(
            question, sheet.text(value, 545, top, Style("sans", 10), "answer", align="right")
        )
    notice = "Shelving and fittings for the reading room, second stage, as ordered on 27 May 2024."
    sheet.text(notice, 50, 218, Style("sans", 10))

    row_top = _table_head(sheet, 246)
    for index, line in enumerate(_LINES):
        if index == _ROWS_ON_FIRST_PAGE:
            carried = sum((q * p for _, _, q, p in _LINES[:index]), Decimal(0))
            sheet.text("Carried forward", 400, row_top + 4, Style("sans-italic", 9.5))
            sheet.text(
                f"{carried:,.2f}", 545, row_top + 4, Style("sans-italic", 9.5), align="right"
            )
            _footer(sheet)
            sheet.new_page()
            sheet.text("Alder & Finch Joinery Ltd", 50, 48, Style("sans-bold", 11))
            sheet.text("Invoice AF-2024-0613", 545, 48, Style("sans", 10), align="right")
            row_top = _table_head(sheet, 78)
        _table_row(sheet, row_top, line)
        row_top += 24
    sheet.rule(50, row_top - 7, 545, row_top - 7)

    subtotal = sum((q * p for _, _, q, p in _LINES), Decimal(0))
    tax = (subtotal * Decimal("0.20")).quantize(Decimal("0.01"))
    amounts = (("Subtotal", subtotal), ("VAT 20%", tax), ("Total due (GBP)", subtotal + tax))
    for index, (key, amount) in enumerate(amounts):
        style = Style("sans-bold", 12) if index == 2 else Style("sans", 10.5)
        row = row_top + 7 + 20 * index
        question = sheet.text(key, 370, row, style, "question")
        sheet.link(question, sheet.text(f"{amount:,.2f}", 545, row, style, "answer", align="right"))
    payment_top = row_top + 93
    sheet.text("Payment", 50, payment_top, Style("sans-bold", 10.5), "header")
    payment = (
        "Please pay by bank transfer within 30 days and quote the invoice number.",
        "Account name: Alder & Finch Joinery Ltd",
        "Sort code: 20-00-00   Account number: 55779911",
    )
    sheet.lines(payment, 50, payment_top + 16, Style("sans", 9.5), leading=1.4)
    _footer(sheet)
    return sheet.finish("invoice-furniture", unit="pt"), {
        "invoice_number": "AF-2024-0613",
        "invoice_date": "2024-06-18",
        "due_date": "2024-07-18",
        "seller_name": "Alder & Finch Joinery Ltd",
        "buyer_name": "Marlowe Library Trust",
        "purchase_order": "MLT-PO-7742",
        "subtotal": f"{subtotal:.2f}",
        "tax": f"{tax:.2f}",
        "total": f"{subtotal + tax:.2f}",
        **_gold_lines(),
    }


def _gold_lines() -> Gold:
    gold: Gold = {}
    for index, (code, name, quantity, price) in enumerate(_LINES):
        amounts = {"quantity": quantity, "unit_price": price, "amount": quantity * price}
        gold |= {f"lines[{index}].item": code, f"lines[{index}].description": name}
        gold |= {f"lines[{index}].{key}": str(amount) for key, amount in amounts.items()}
    return gold


def _table_head(sheet: Sheet, top: float) -> float:
    sheet.fill(50, top, 545, top + 20, ink=225)
    style = Style("sans-bold", 9.5)
    for x, text in ((56, "Item"), (120, "Description")):
        sheet.text(text, x, top + 5, style, "question")
    for x, text in ((390, "Quantity"), (465, "Unit price"), (540, "Amount")):
        sheet.text(text, x, top + 5, style, "question", align="right")
    return top + 27


def _table_row(sheet: Sheet, top: float, line: tuple[str, str, int, Decimal]) -> None:
    code, name, quantity, price = line
    style = Style("sans", 10)
    sheet.rule(50, top + 17, 545, top + 17, thickness=0.4, ink=190)
    sheet.text(code, 56, top, style, "answer")
    sheet.text(name, 120, top, style, "answer")
    for x, text in ((390, str(quantity)), (465, f"{price:.2f}"), (540, f"{quantity * price:,.2f}")):
        sheet.text(text, x, top, style, "answer", align="right")


def _footer(sheet: Sheet) -> None:
    text = "Alder & Finch Joinery Ltd. Registered in England and Wales no. 09312745."
    sheet.text(text, 50, 800, Style("sans", 8), "other")
    sheet.text(f"Page {sheet.page} of 2", 545, 800, Style("sans", 8), "other", align="right")
