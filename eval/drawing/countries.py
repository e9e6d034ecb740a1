"""How countries write addresses, dates, amounts of money and numbers of firms on receipts."""

# ruff: noqa: SIM905 (a list of many short strings is easier to read as one text)

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from . import words
from .values import MONTHS, pattern

_MONTHS: Final = MONTHS | {
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "ms": "Januari Februari Mac April Mei Jun Julai Ogos September Oktober November Disember",
}
_DAYS: Final = {
    "en": "Mon Tue Wed Thu Fri Sat Sun",
    "de": "Mo Di Mi Do Fr Sa So",
    "fr": "lun mar mer jeu ven sam dim",
}
_DATES_EVERYWHERE: Final = (
    "{d:02}/{m:02}/{y}|{d:02}/{m:02}/{yy:02}|{d:02}-{m:02}-{y}|{d:02}.{m:02}.{y}|{d:02}.{m:02}.{yy:02}|"
    "{y}-{m:02}-{d:02}|{y}/{m:02}/{d:02}|{d} {month} {y}|{d:02} {mon} {y}|{d:02}-{mon}-{y}|{d:02}{mon}{yy:02}|"
    "{d}/{m}/{y}|{day} {d:02}/{m:02}/{yy:02}|{day}, {d} {month} {y}|{day} {d:02} {mon} {y}|{d:02} {mon}'{yy:02}"
).split("|")
_DATES_AMERICAN: Final = (
    "{m:02}/{d:02}/{y}|{m}/{d}/{y}|{m}/{d}/{yy:02}|{m:02}/{d:02}/{yy:02}|{m:02}-{d:02}-{y}|{month} {d}, {y}|"
    "{mon} {d}, {y}|{mon} {d:02} {y}|{mon}. {d}, {y}|{day}, {month} {d}, {y}|{day} {mon} {d} {y}|{mon}-{d:02}-{yy:02}|"
    "{y}-{m:02}-{d:02}|{d:02}-{mon}-{y}|{month} {d}, {y}|{mon} {d}, '{yy:02}|{m:02}.{d:02}.{yy:02}"
).split("|")


@dataclass(frozen=True)
class Country:
    """The conventions of one country.

    Attributes:
        languages: That receipts are printed in; the first one of them most often.
        signs: How an amount is marked; `#` stands for the number.
        names: Of the currency, as they follow "TOTAL".
        marks: Decimal mark and thousands mark, of one character each.
        decimals: Of an amount.
        scale: Of prices, against those of the United States.
        step: What totals in cash are rounded to.
        taxes: `name|rate,rate|name|...`: those that are printed.
        included: The prices hold the tax.
        addresses: Forms of addresses; `|` parts lines.
        streets: Words for streets, or stems that go before a number.
        cities: Parted by `|`, with the region where addresses name it.
        code: Form of a postal code: `#` a digit, `@` a letter.
        phones: Forms of numbers.
        identities: Forms of registration and tax numbers, with their keys.
        companies: Endings of names of firms.
    """

    languages: tuple[str, ...]
    signs: tuple[str, ...]
    names: tuple[str, ...]
    marks: str
    decimals: int
    scale: float
    step: float
    taxes: str
    included: bool
    addresses: tuple[str, ...]
    streets: tuple[str, ...]
    cities: str
    code: str
    phones: tuple[str, ...]
    identities: tuple[str, ...]
    companies: tuple[str, ...]

    def number(self, value: float) -> str:
        """An amount with the country's marks, without currency."""
        text = f"{value:,.{self.decimals}f}"
        return text.translate(str.maketrans(".,", self.marks))

    def tax(self, rng: Random) -> tuple[str, tuple[float, ...]]:
        """The name of a tax and its rates in percent, the usual one first."""
        parts = self.taxes.split("|")
        at = rng.randrange(0, len(parts), 2)
        return parts[at], tuple(float(r) for r in parts[at + 1].split(","))

    def address(self, rng: Random) -> list[str]:
        """The lines of a shop's address, sometimes in capitals or with commas at their ends."""
        stem = rng.choice((rng.choice(words.PLACE_STEMS), rng.choice(words.LAST_NAMES)))
        if self.languages[0] in _NAMES:
            stem = rng.choice(_NAMES[self.languages[0]])
        text = rng.choice(self.addresses).format(
            n=rng.randint(1, 9) if rng.random() < 0.2 else rng.randint(1, 240),
            long=rng.randint(100, 9800),
            lot=rng.randint(1, 60),
            unit=rng.choice(("Unit", "Shop", "Suite", "Kiosk", "Store")) + f" {rng.randint(1, 90)}",
            mall=f"{rng.choice(words.PLACE_STEMS)} {rng.choice(_MALLS)}",
            stem=stem,
            other=rng.choice(words.PLACE_STEMS),
            street=rng.choice(self.streets),
            city=rng.choice(self.cities.split("|")),
            state=rng.choice(words.STATES),
            code=pattern(rng, self.code),
            floor=rng.randint(1, 5),
        )
        lines = text.split("|")
        if rng.random() < 0.3:
            lines = [line.upper() for line in lines]
        if rng.random() < 0.25:
            lines = [f"{line.rstrip(',')}," for line in lines[:-1]] + [lines[-1]]
        if len(lines) > 1 and rng.random() < 0.12:
            lines = [", ".join(line.rstrip(",") for line in lines)]
        return lines

    def date(self, rng: Random, language: str) -> str:
        """A day of the last ten years or so, in one of the country's forms."""
        forms = _DATES_EVERYWHERE
        if "USD" in self.names:
            forms = _DATES_AMERICAN
        elif language == "de":
            forms = ["{d:02}.{m:02}.{y}", "{d:02}.{m:02}.{yy:02}", *_DATES_EVERYWHERE]
            forms = [*forms[:2] * 4, *forms[2:], "{d}. {month} {y}", "{day}. {d}. {month} {y}"]
        year, month = rng.randint(2012, 2027), rng.randint(1, 12)
        name = _MONTHS[language].split()[month - 1]
        days = _DAYS.get(language, _DAYS["en"]).split()
        text = rng.choice(forms).format(
            d=rng.randint(1, 28),
            m=month,
            y=year,
            yy=year % 100,
            month=name,
            mon=name[:3],
            day=rng.choice(days),
        )
        return text.upper() if rng.random() < 0.15 else text

    def time(self, rng: Random) -> str:
        """A time of day: of twelve hours where English is spoken, at times with seconds."""
        hour, minute, second = rng.randint(6, 23), rng.randint(0, 59), rng.randint(0, 59)
        seconds = f":{second:02}" if rng.random() < 0.35 else ""
        if self.languages[0] == "en" and rng.random() < (0.75 if "USD" in self.names else 0.35):
            half = "PM" if hour > 11 else "AM"
            half = rng.choice((f" {half}", half, f" {half.lower()}", half.lower()))
            return f"{hour % 12 or 12}:{minute:02}{seconds}{half}"
        mark = rng.choice("::::.")
        return f"{hour:02}:{minute:02}{seconds}".replace(":", mark)


_MALLS: Final = (
    "Mall|Plaza|Centre|Shopping Center|Square|Arcade|Retail Park|Market|Station|Airport".split("|")
)
_NAMES: Final = {
    "de": "Linden|Garten|Bahnhof|Haupt|Markt|Schul|Kirch|Berg|Wiesen|Mühlen|Rosen|Goethe|Schiller|Ring".split("|"),
    "fr": "de la Gare|de la République|Victor Hugo|du Marché|des Lilas|Pasteur|du Moulin|de Verdun|du Port".split("|"),
    "it": "Garibaldi|Roma|Mazzini|Dante|Verdi|Cavour|dei Mille|San Marco|della Stazione|XX Settembre".split("|"),
    "es": "Mayor|del Sol|de Alcalá|San Juan|de la Paz|Cervantes|Real|del Prado|Goya|de Colón".split("|"),
    "nl": "Kerk|Dorps|Stations|Molen|School|Haven|Markt|Wilhelmina|Julianka|Prins Hendrik".split("|"),
    "id": "Sudirman|Diponegoro|Gatot Subroto|Ahmad Yani|Mawar|Cempaka|Kemang Raya|Pahlawan|Merdeka".split("|"),
    "ms": "Bukit|Indah|Permai|Megah|Damai|Perdana|Mutiara|Cahaya|Bestari|Sentosa|Jaya|Setia".split("|"),
}  # fmt: skip

_UK_STREETS = ("Street", "Road", "Lane", "High Street", "Avenue", "Square", "Row", "Hill", "Gate")
_EURO = ("#", "#", "# €", "€ #", "#€", "EUR #", "# EUR")
_GERMAN_ADDRESSES = (
    "{stem}straße {n}|{code} {city}", "{stem}str. {n}|{code} {city}", "{stem}weg {n}, {code} {city}",
    "{stem}platz {n} · {code} {city}", "{mall}|{stem}allee {n}|{code} {city}", "{stem}gasse {n}|{code} {city}",
    "Am {stem}berg {n}|{code} {city}", "{stem}str. {n}, {code} {city}",
)  # fmt: skip
_UK_ADDRESSES = (
    "{n} {stem} {street}|{city} {code}", "{n} {stem} {street}, {city}|{code}", "{unit}, {mall}|{city}|{code}",
    "{n} {stem} {street}|{other} Park|{city}|{code}", "{n} {stem} {street}, {city} {code}",
    "{n}-{long} {stem} {street}|{city}, {code}", "The Old {stem} House|{other} {street}|{city}|{code}",
)  # fmt: skip

COUNTRIES: Final = {
    "us": Country(
        ("en",), ("#", "$#", "$#", "$ #", "USD $#"), ("USD", "US$", "USD$"), ".,", 2, 1.0, 0.01,
        "Tax|8.25,6.5,7.0|Sales Tax|7.75,9.5,6.0|State Tax|6.25,5.0|TAX 1|8.875,4.0|Local Tax|9.0,8.1", False,
        ("{long} {stem} {street}|{city}, {state} {code}", "{long} {stem} {street}, {city}, {state} {code}",
         "{n} {other} {stem} {street}|{city}, {state} {code}", "{long} {street} of {stem}|{unit}|{city}, {state} {code}",
         "{long} {stem} {street}, {unit}|{city} {state} {code}", "{n} {stem} {street}, {city}, {state} {code}",
         "{long} {stem} {street}|{city}, {state}", "{mall}|{long} {stem} {street}|{city}, {state} {code}",
         "{long} {stem} {street}, {city}|{state} {code}"),
        words.STREETS["en"], "|".join(words.CITIES["en"][:26]), "#####", ("(###) ###-####", "###-###-####", "###.###.####"),
        ("Store #####", "EIN ##-#######", "Store: ####  Reg: ##"), ("", "", "Inc.", "LLC", "Co."),
    ),
    "gb": Country(
        ("en",), ("#", "£#", "£#", "GBP #"), ("GBP", "£"), ".,", 2, 0.9, 0.01,
        "VAT|20,0,5|VAT @|20|VAT A|20,0|Incl. VAT|20", True, _UK_ADDRESSES, _UK_STREETS,
        "Manchester|Leicester|Norwich|Exeter|Brighton|Cardiff|Glasgow|Edinburgh|Sheffield|Bath|Derby|Hull|London|Leeds|"
         "Reading|Bristol|Newcastle upon Tyne", "@@# #@@",
        ("0### ### ####", "0#### ######", "+44 #### ######", "020 #### ####"),
        ("VAT No. GB ### #### ##", "VAT Reg No: ### #### ##", "Co. Reg. No. ########", "VAT: #########"),
        ("Ltd", "Ltd.", "plc", "LLP", "", ""),
    ),
    "ie": Country(
        ("en",), ("#", "€#", "€#", "EUR #"), ("EUR", "€"), ".,", 2, 1.1, 0.05, "VAT|23,13.5,9,0|V.A.T.|13.5,23", True,
        ("{n} {stem} {street}|{city}", "{n} {stem} {street}|{city}|Co. {city}", "{unit}, {mall}|{stem} {street}|{city}",
         "{n} {stem} {street}|{city}|{code}"), _UK_STREETS,
        "Dublin 2|Dublin 8|Cork|Galway|Limerick|Waterford|Sligo|Kilkenny|Ennis", "@## @#@#",
        ("01 ### ####", "021 ### ####", "+353 1 ### ####"), ("VAT No. IE#######@", "VAT Reg: #######@"),
        ("Ltd", "Limited", "DAC", ""),
    ),
    "au": Country(
        ("en",), ("#", "$#", "$#", "AUD #"), ("AUD", "A$", "(Inc GST)"), ".,", 2, 1.4, 0.05, "GST|10|Includes GST|10", True,
        ("{n} {stem} {street}|{city} {code}", "{unit}, {mall}|{n} {stem} {street}|{city} {code}",
         "{n} {stem} {street}, {city} {code}"), ("Street", "St", "Road", "Rd", "Parade", "Terrace", "Highway"),
        "Newtown NSW|Richmond VIC|Fremantle WA|Cairns QLD|Glenelg SA|Hobart TAS|Sydney NSW|Perth WA", "####",
        ("(0#) #### ####", "0# #### ####", "1300 ### ###"), ("ABN ## ### ### ###", "ABN: ###########"),
        ("Pty Ltd", "P/L", "", "Pty. Ltd."),
    ),
    "de": Country(
        ("de",), _EURO, ("EUR", "€", "Euro"), ",.", 2, 0.9, 0.01,
        "MwSt|19,7|MwSt.|7,19|USt|19,7|inkl. MwSt|19|A MwSt|19,7", True, _GERMAN_ADDRESSES, ("",),
        "|".join(words.CITIES["de"][:15]), "#####", ("0### / ######", "0## ########", "+49 ### #######", "0####-#####"),
        ("USt-IdNr. DE#########", "Steuer-Nr. ##/###/#####", "St.-Nr.: ###/####/####", "UID: DE#########", "HRB #####"),
        ("GmbH", "GmbH & Co. KG", "KG", "e.K.", "OHG", "", ""),
    ),
    "at": Country(
        ("de",), _EURO, ("EUR", "€"), ",.", 2, 1.0, 0.01, "MwSt.|20,10,13|USt|10,20", True, _GERMAN_ADDRESSES, ("",),
        "Wien|Graz|Linz|Salzburg|Innsbruck|Klagenfurt|Villach|Wels|Dornbirn", "####",
        ("0# ### ## ##", "+43 # #######", "0### / ## ## ##"), ("UID: ATU########", "UID-Nr. ATU########", "FN ######@"),
        ("GmbH", "KG", "OG", "e.U.", ""),
    ),
    "ch": Country(
        ("de", "fr"), ("#", "CHF #", "Fr. #", "# CHF"), ("CHF", "Fr.", "SFr."), ".'", 2, 1.6, 0.05, "MWST|8.1,2.6|MwSt|7.7,2.5|TVA|8.1", True,
        _GERMAN_ADDRESSES, ("",), "Zürich|Bern|Basel|Luzern|Winterthur|St. Gallen|Chur|Thun|Zug|Biel", "####",
        ("0## ### ## ##", "+41 ## ### ## ##"), ("CHE-###.###.### MWST", "MWST-Nr. CHE-###.###.###"), ("AG", "GmbH", "SA", ""),
    ),
    "fr": Country(
        ("fr",), _EURO, ("EUR", "€", "TTC"), ", ", 2, 1.0, 0.01, "TVA|20,10,5.5|T.V.A.|10,20|dont TVA|20", True,
        ("{n}, {street} {stem}|{code} {city}", "{n} {street} {stem}|{code} {city}", "{n} {street} {stem} - {code} {city}",
         "{mall}|{n} {street} {stem}|{code} {city}", "{n} bis {street} {stem}, {code} {city}"),
        ("rue", "avenue", "boulevard", "place", "quai", "allée", "chemin"), "|".join(words.CITIES["fr"][:15]), "#####",
        ("0# ## ## ## ##", "0#.##.##.##.##", "+33 # ## ## ## ##"),
        ("SIRET ### ### ### #####", "TVA FR ## #########", "SIRET: ##############", "N° TVA FR###########", "APE 5610A"),
        ("SARL", "SAS", "SA", "EURL", "", ""),
    ),
    "it": Country(
        ("it",), _EURO, ("EUR", "€", "EURO"), ",.", 2, 0.9, 0.01, "IVA|22,10,4|di cui IVA|10|I.V.A.|22", True,
        ("{street} {stem}, {n}|{code} {city}", "{street} {stem} {n}|{code} {city} ({state})",
         "{street} {stem}, {n} - {code} {city}", "C.C. {mall}|{street} {stem}, {n}|{code} {city}"),
        ("Via", "Viale", "Piazza", "Corso", "Largo", "Vicolo"),
        "Milano|Roma|Torino|Bologna|Firenze|Napoli|Verona|Padova|Genova|Bari|Lecce|Trieste|Parma", "#####",
        ("0## #######", "Tel. 0#-########", "+39 0## ######"), ("P.IVA ###########", "P. IVA: ###########", "C.F. ###########"),
        ("S.r.l.", "SRL", "S.p.A.", "S.n.c.", "s.a.s.", "", ""),
    ),
    "es": Country(
        ("es",), _EURO, ("EUR", "€", "EUROS"), ",.", 2, 0.8, 0.01, "IVA|21,10,4|I.V.A.|10,21", True,
        ("{street} {stem}, {n}|{code} {city}", "{street} {stem} {n}, {code} {city}", "{street} {stem}, {n}, Local {lot}|{code} {city}",
         "C.C. {mall}|{street} {stem}, {n}|{code} {city}"), ("Calle", "C/", "Avda.", "Plaza", "Paseo", "Ronda"),
        "Madrid|Barcelona|Valencia|Sevilla|Zaragoza|Málaga|Bilbao|Granada|Murcia|Cádiz|Gijón", "#####",
        ("9## ### ###", "9## ## ## ##", "+34 ### ### ###"), ("CIF: B########", "NIF B-########", "N.I.F.: ########@"),
        ("S.L.", "S.A.", "SL", "S.L.U.", "", ""),
    ),
    "nl": Country(
        ("nl",), _EURO, ("EUR", "€"), ",.", 2, 0.9, 0.05, "BTW|21,9|btw|9,21", True,
        ("{stem}straat {n}|{code} {city}", "{stem}weg {n}, {code} {city}", "{stem}plein {n}|{code} {city}"), ("",),
        "Amsterdam|Rotterdam|Utrecht|Haarlem|Leiden|Delft|Breda|Groningen|Arnhem", "#### @@",
        ("0## - #######", "0##-#######"), ("BTW NL#########B##", "KvK ########", "BTW nr. NL#########B01"), ("B.V.", "BV", "V.O.F.", ""),
    ),
    "my": Country(
        ("ms", "en"), ("#", "#", "RM #", "RM#", "MYR #"), ("RM", "(RM)", "MYR"), ".,", 2, 2.2, 0.05,
        "GST|6|SST|6,8|GST @ |6|Service Tax|6|SR|6", False,
        ("No. {n}, Jalan {stem} {lot}/{floor},|Taman {stem},|{code} {city}", "{n}, Jalan {stem} {lot}|{code} {city}",
         "Lot {lot}, {floor}F, {mall},|Jalan {stem},|{code} {city}", "No {n}-G, Jln {stem} {floor}, Bandar {stem}, {code} {city}",
         "Lot {lot}, Jalan {stem}|Kawasan Perindustrian {stem}|{code} {city}.", "No.{n}, Lorong {stem},|{code} {city}"), ("",),
        "Petaling Jaya, Selangor|Kuala Lumpur|Johor Bahru, Johor|Ipoh, Perak|Shah Alam, Selangor|Georgetown, Pulau Pinang|"
         "Melaka|Seremban, N. Sembilan|Klang, Selangor|Kuching, Sarawak", "#####",
        ("0#-#### ####", "0#-########", "01#-### ####"), ("GST ID: ############", "(######-@)", "Co. No. ######-@", "SST No: @##-####-########",
         "GST Reg No : ############", "ROC NO: #######-@"), ("SDN BHD", "Sdn. Bhd.", "Enterprise", "Trading", "(M) SDN BHD", ""),
    ),
    "sg": Country(
        ("en",), ("#", "$#", "S$#", "SGD #"), ("SGD", "S$"), ".,", 2, 1.3, 0.05, "GST|9,8,7|Incl. GST|7|GST @|9", False,
        ("{n} {stem} {street}|#0{floor}-{lot} {mall}|Singapore {code}", "{n} {stem} {street} #0{floor}-{lot}, Singapore {code}",
         "Blk {n} {stem} {street}|#01-{lot} S({code})", "{mall}, #B1-{lot}|{n} {stem} {street}|S{code}"),
        ("Road", "Street", "Avenue", "Lorong 4", "Crescent", "Drive"), "Singapore", "######", ("6### ####", "+65 6### ####"),
        ("GST Reg. No. #########@", "UEN: #########@", "Co. Reg: 20#######@"), ("Pte Ltd", "Pte. Ltd.", "", "LLP"),
    ),
    "id": Country(
        ("id", "en"), ("#", "#", "#", "Rp #", "Rp.#", "Rp#"), ("Rp", "IDR", "(Rp)"), ",.", 0, 6000.0, 100.0,
        "PB1|10|PPN|10,11|Pajak|10|Tax|10|PB-1|10", False,
        ("Jl. {stem} No. {n}|{city}", "Jl. {stem} No.{n}, {city}", "Jalan {stem} {n}, {city} {code}", "{mall} Lt. {floor}|Jl. {stem} {n}|{city}",
         "Ruko {stem} Blok B{lot}|Jl. {stem} Kav. {n}|{city} {code}"), ("",),
        "Jakarta Selatan|Jakarta Pusat|Surabaya|Yogyakarta|Semarang|Medan|Denpasar, Bali|Bogor|Malang|Makassar", "#####",
        ("021-#######", "(0##) ######", "08##-####-####"), ("NPWP ##.###.###.#-###.###", "NPWP: ##.###.###.#-###.000"),
        ("PT", "CV", "", "", ""),
    ),
}  # fmt: skip
"""By a code of two letters."""
