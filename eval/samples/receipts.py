"""The four receipts among the samples. All shops, people and numbers are invented."""

from __future__ import annotations

from typing import Final

from ..drawing.roll import Roll
from ..drawing.sheet import Drawing, Sheet, Style

Gold = dict[str, str | None]

_SCALE: Final = 2.6  # pixels a point: a receipt of 300 points is about 780 pixels wide


def hardware_store() -> tuple[Drawing, Gold]:
    """A Malaysian tax invoice as SROIE has them: centred head, address on several lines, GST."""
    roll = Roll(Sheet(300, 498), Style("sans", 10.5))
    bold = Style("sans-bold", 13)
    roll.center("SYARIKAT MAJU BINA HARDWARE", bold)
    roll.center("SDN BHD", bold)
    roll.center("(Co. Reg. 0847213-K)", Style("sans", 9))
    roll.gap(3)
    roll.center("NO 18, JALAN KENANGA 3/7,")
    roll.center("TAMAN SERI KENANGA,")
    roll.center("43200 CHERAS, SELANGOR")
    roll.center("TEL : 03-9075 4418")
    roll.center("GST ID : 001284719616")
    roll.gap(6)
    roll.center("TAX INVOICE", Style("sans-bold", 12))
    roll.gap(3)
    roll.row({0: "Invoice No : CS00018273", 0.66: "Counter : 02"})
    roll.row({0: "DATE : 25/12/2018 8:13 PM", 0.66: "Cashier : AIN"})
    roll.rule()
    roll.row({0: "Item", -0.56: "Qty", -0.78: "Price", -1: "Amount"}, Style("sans-bold", 10.5))
    roll.rule()
    for code, name, quantity, price, amount in (
        ("10482", "PVC ELBOW 20MM", "6", "0.90", "5.40"),
        ("20917", "SILICONE SEALANT CLEAR", "1", "12.50", "12.50"),
        ("31140", "CABLE TIE 8IN BLACK", "2", "4.20", "8.40"),
    ):
        roll.left(name)
        roll.row({0.02: code, -0.56: quantity, -0.78: price, -1: amount + " SR"})
    roll.rule()
    roll.row({-0.72: "Sub Total (Excl. GST) :", -1: "24.81"})
    roll.row({-0.72: "GST 6% :", -1: "1.49"})
    roll.row({-0.72: "Rounding Adj :", -1: "0.00"})
    roll.row({-0.72: "TOTAL RM :", -1: "26.30"}, Style("sans-bold", 13))
    roll.row({-0.72: "CASH :", -1: "50.00"})
    roll.row({-0.72: "CHANGE :", -1: "23.70"})
    roll.rule()
    roll.center("GOODS SOLD ARE NOT RETURNABLE", Style("sans", 9))
    roll.center("THANK YOU, PLEASE COME AGAIN", Style("sans", 9))
    return roll.finish("receipt-hardware", _SCALE), {
        "company": "SYARIKAT MAJU BINA HARDWARE SDN BHD",
        "date": "2018-12-25",
        "address": "NO 18, JALAN KENANGA 3/7, TAMAN SERI KENANGA, 43200 CHERAS, SELANGOR",
        "total": "26.30",
    }


def pharmacy() -> tuple[Drawing, Gold]:
    """A thermal print of a pharmacy: key and value close to each other, paid by card."""
    roll = Roll(Sheet(300, 428), Style("mono-bold", 9.5), leading=1.38)
    roll.center("HARBOUR LANE PHARMACY", Style("mono-bold", 14))
    roll.center("212 Harbour Lane")
    roll.center("Portsmouth PO1 3LT")
    roll.center("Tel 023 9255 0136")
    roll.rule()
    roll.row({0: "Date: 07/03/2024", -1: "Time: 10:46"})
    roll.row({0: "Till: 3 Op: 117", -1: "Receipt: 558204"})
    roll.rule()
    for name, price in (
        ("Ibuprofen 200mg 24s", "2.49"),
        ("Throat Lozenges Honey", "3.75"),
        ("Plasters Fabric 40s", "4.10"),
        ("Hand Cream 75ml", "5.95"),
    ):
        roll.row({0: name, -1: price})
    roll.rule()
    roll.row({0: "Items: 4"})
    roll.row({0: "Subtotal", -1: "16.29"})
    roll.row({0: "Loyalty discount", -1: "-0.80"})
    roll.row({0: "TOTAL GBP", -1: "15.49"}, Style("mono-bold", 13))
    roll.gap(4)
    roll.row({0: "VISA DEBIT", -1: "15.49"})
    roll.left("**** **** **** 4471")
    roll.left("Auth code: 093318")
    roll.rule()
    roll.center("VAT No 871 4402 19")
    roll.center("Keep your receipt for refunds")
    roll.center("within 28 days")
    return roll.finish("receipt-pharmacy", _SCALE), {
        "company": "HARBOUR LANE PHARMACY",
        "date": "2024-03-07",
        "address": "212 Harbour Lane Portsmouth PO1 3LT",
        "total": "15.49",
    }


def restaurant() -> tuple[Drawing, Gold]:
    """A restaurant's bill in a serif face, with the total on a row of its own at the far right."""
    roll = Roll(Sheet(340, 470), Style("serif", 11.5), margin=24)
    roll.sheet.ellipse(152, 16, 188, 34, ink=60)
    roll.gap(18)
    roll.center("La Terrazza Ristorante", Style("serif-bold", 18))
    roll.center("48 Mill Street, Burlington, VT 05401", Style("serif-italic", 11))
    roll.center("(802) 555-0174", Style("serif", 10.5))
    roll.gap(6)
    roll.row({0: "Server: Giulia", -1: "Table 12 / 4 guests"})
    roll.row({0: "Check 30418", -1: "August 9, 2025 9:27 PM"})
    roll.rule(dashed=False)
    for count, name, price in (
        ("2", "Bruschetta al Pomodoro", "19.00"),
        ("1", "Tagliatelle ai Funghi", "22.50"),
        ("2", "Risotto alla Milanese", "47.00"),
        ("1", "Branzino alla Griglia", "31.00"),
        ("4", "San Pellegrino 750ml", "30.00"),
        ("3", "Tiramisu", "28.50"),
    ):
        roll.row({0: count, 0.09: name, -1: price})
    roll.rule(dashed=False)
    roll.row({0.09: "Food and beverage", -1: "178.00"})
    roll.row({0.09: "Meals tax 9%", -1: "16.02"})
    roll.gap(10)
    roll.left("Amount due", Style("serif-bold", 13))
    roll.gap(4)
    roll.row({-1: "$194.02"}, Style("serif-bold", 20))
    roll.gap(8)
    roll.center("A gratuity is not included.", Style("serif-italic", 10.5))
    roll.center("Grazie e arrivederci!", Style("serif-italic", 10.5))
    return roll.finish("receipt-restaurant", _SCALE), {
        "company": "La Terrazza Ristorante",
        "date": "2025-08-09",
        "address": "48 Mill Street, Burlington, VT 05401",
        "total": "194.02",
    }


def cafe() -> tuple[Drawing, Gold]:
    """An Indonesian café in CORD's manner: prices in thousands, counts, tax, cash and change."""
    roll = Roll(Sheet(310, 395), Style("mono-bold", 10), leading=1.4)
    roll.center("KOPI TAMAN SENJA", Style("mono-bold", 15))
    roll.center("Jl. Melati No. 17, Bandung")
    roll.center("Telp. 022-5550142")
    roll.rule()
    roll.row({0: "Order 0147", -1: "Table 6"})
    roll.row({0: "Kasir Rina", -1: "14-03-2025 16:42"})
    roll.rule()
    menu = (
        ("Es Kopi Susu", "2", "22,000", "44,000"),
        ("Croissant Almond", "1", "35,000", "35,000"),
        ("Roti Bakar Keju", "3", "18,000", "54,000"),
        ("Air Mineral", "1", "8,000", "8,000"),
    )
    for name, count, unit_price, price in menu:
        roll.row({0: count, 0.09: name, -0.78: unit_price, -1: price})
    roll.rule()
    roll.row({0.09: "Subtotal", -1: "141,000"})
    roll.row({0.09: "Service 5%", -1: "7,050"})
    roll.row({0.09: "PB1 10%", -1: "14,805"})
    roll.rule()
    roll.row({0.09: "Total", -1: "162,855"}, Style("mono-bold", 13))
    roll.row({0.09: "Tunai", -1: "200,000"})
    roll.row({0.09: "Kembali", -1: "37,145"})
    roll.rule()
    roll.center("Terima kasih")
    roll.center("WiFi: tamansenja")
    gold: Gold = {}
    for index, (name, count, unit_price, price) in enumerate(menu):
        gold[f"menu[{index}].name"] = name
        gold[f"menu[{index}].count"] = count
        gold[f"menu[{index}].unit_price"] = unit_price.replace(",", "")
        gold[f"menu[{index}].price"] = price.replace(",", "")
    gold |= {
        "sub_total.subtotal": "141000",
        "sub_total.discount": None,
        "sub_total.service": "7050",
        "sub_total.tax": "14805",
        "total.total": "162855",
        "total.cash": "200000",
        "total.change": "37145",
        "total.card": None,
    }
    return roll.finish("receipt-cafe", _SCALE), gold
