"""Values of many kinds, drawn at random: what people write into forms."""

# ruff: noqa: SIM905 (a list of hundreds of short strings is easier to read as one text)

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from . import words

LANGUAGES: Final = ("en", "de", "fr")

MONTHS: Final = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}


def value(rng: Random, kind: str, language: str = "en") -> list[str]:
    """A value of one of `KINDS`, as its lines: most have one, addresses and notes several.

    Raises:
        KeyError: If the kind is unknown.
    """
    result = _GENERATORS[kind](rng, language)
    return [result] if isinstance(result, str) else result


def pattern(rng: Random, template: str) -> str:
    """Fills `#` with digits and `@` with capital letters."""
    return "".join(
        rng.choice("0123456789")
        if c == "#"
        else rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ")
        if c == "@"
        else c
        for c in template
    )


def amount(rng: Random, number: float, language: str = "en") -> str:
    """A number with two decimals, written as the language does."""
    text = f"{number:,.2f}" if rng.random() < 0.85 else f"{number:.2f}"
    if language == "de":
        return text.translate(str.maketrans(",.", ".,"))
    if language == "fr":
        return text.translate(str.maketrans(",.", " ,"))
    return text


def sentence(rng: Random, low: int = 5, high: int = 14, end: str = ".") -> str:
    """Words in a row that look like prose from afar; it starts with a capital letter."""
    count = rng.randint(low, high)
    pools: Sequence[Sequence[str]] = (words.FILLERS, words.NOUNS, words.ADJECTIVES, words.VERBS)
    chosen = [rng.choice(rng.choices(pools, (9, 6, 3, 4))[0]) for _ in range(count)]
    return " ".join(chosen).capitalize() + end


def product(rng: Random) -> str:
    """A thing that can be bought."""
    parts = [rng.choice(words.ADJECTIVES), rng.choice(words.NOUNS)]
    if rng.random() < 0.3:
        parts.insert(1, rng.choice(words.NOUNS))
    text = " ".join(parts)
    text = text.capitalize() if rng.random() < 0.7 else text.title()
    if rng.random() < 0.3:
        unit = rng.choice(("mm", "cm", "ml", "g", "kg", "V", "pcs", "in", "oz"))
        text += f" {rng.randint(1, 500)} {unit}"
    return text


def company(rng: Random, language: str = "en") -> str:
    """The name of a company."""
    stem = rng.choice((words.PLACE_STEMS, words.LAST_NAMES))
    name = rng.choice(stem)
    if rng.random() < 0.25:
        name += f" & {rng.choice(words.LAST_NAMES)}"
    elif rng.random() < 0.3:
        name += rng.choice(words.PLACE_STEMS).lower()
    parts = [name, rng.choice(words.COMPANY_FIELDS), rng.choice(words.COMPANY_FORMS[language])]
    if rng.random() < 0.15:
        del parts[1]
    return " ".join(p for p in parts if p)


def _person(rng: Random, language: str) -> str:
    first, last = rng.choice(words.FIRST_NAMES), rng.choice(words.LAST_NAMES)
    middle = rng.choice("ABCDEFGHJKLMPRSTW")
    title = {"en": ("Mr.", "Ms.", "Dr."), "de": ("Herr", "Frau", "Dr."), "fr": ("M.", "Mme", "Dr")}
    forms = (
        f"{first} {last}",
        f"{first} {last}",
        f"{first} {middle}. {last}",
        f"{last}, {first}",
        f"{first[0]}. {last}",
        f"{rng.choice(title[language])} {first} {last}",
        f"{first[0]}. {middle}. {last}",
    )
    return rng.choice(forms)


def _date(rng: Random, language: str) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1968, 2027)
    name = MONTHS[language].split()[month - 1]
    if language == "de":
        return rng.choice(
            (f"{day:02}.{month:02}.{year}", f"{day}. {name} {year}", f"{day}.{month}.")
        )
    if language == "fr":
        return rng.choice((f"{day:02}/{month:02}/{year}", f"{day} {name} {year}"))
    forms = (
        f"{day:02}/{month:02}/{year}",
        f"{month}/{day}/{year % 100:02}",
        f"{year}-{month:02}-{day:02}",
        f"{name} {day}, {year}",
        f"{day} {name[:3]} {year}",
        f"{name[:3]}. {day}, {year}",
        f"{day:02}-{name[:3].upper()}-{year % 100:02}",
        f"{month:02}-{day:02}-{year}",
        f"{day}.{month}.{year}",
    )
    return rng.choice(forms)


def _time(rng: Random, language: str) -> str:
    hour, minute = rng.randint(0, 23), rng.randint(0, 59)
    if language != "en" or rng.random() < 0.4:
        return f"{hour:02}:{minute:02}"
    half = rng.choice(("AM", "PM", "a.m.", "p.m."))
    return f"{hour % 12 or 12}:{minute:02} {half}"


def _street(rng: Random, language: str) -> str:
    number, stem = rng.randint(1, 9800), rng.choice(words.PLACE_STEMS)
    kind = rng.choice(words.STREETS[language])
    if language == "de":
        return f"{stem}{kind} {number % 190 + 1}"
    if language == "fr":
        return f"{number % 190 + 1}, {kind} {rng.choice(words.LAST_NAMES)}"
    extra = rng.choice(("", "", "", f", Suite {number % 900}", f", Apt {number % 60}"))
    return f"{number} {stem} {kind}{extra}"


def _city(rng: Random, language: str) -> str:
    city = rng.choice(words.CITIES[language])
    if language != "en":
        return f"{rng.randint(10000, 98999)} {city}"
    return rng.choice(
        (
            f"{city}, {rng.choice(words.STATES)} {rng.randint(10000, 99950)}",
            f"{city} {pattern(rng, '@@# #@@')}",
            f"{city}, {rng.choice(words.STATES)}",
        )
    )


def _address(rng: Random, language: str) -> list[str]:
    lines = [_street(rng, language), _city(rng, language)]
    if rng.random() < 0.45:
        lines.insert(0, company(rng, language) if rng.random() < 0.5 else _person(rng, language))
    if rng.random() < 0.2:
        lines.append(rng.choice(words.COUNTRIES))
    if len(lines) == 2 and rng.random() < 0.4:
        return [", ".join(lines)]
    return lines


def _money(rng: Random, language: str) -> str:
    text = amount(rng, round(10 ** rng.uniform(0.3, 5.5), 2), language)
    if language != "en":
        return f"{text} {rng.choice(('€', 'EUR'))}" if rng.random() < 0.7 else text
    sign = rng.choice(("$", "$ ", "£", "USD ", "", "", "€ ", "RM "))
    return sign + (text if rng.random() < 0.8 else text[:-3])


def _phone(rng: Random, language: str) -> str:
    forms = {
        "en": ("(###) ###-####", "###-###-####", "+1 ### ### ####", "### ####", "0## #### ####"),
        "de": ("0### / ######", "+49 ## #######", "0##-########"),
        "fr": ("0# ## ## ## ##", "+33 # ## ## ## ##"),
    }
    return pattern(rng, rng.choice(forms[language]))


def _email(rng: Random, _: str) -> str:
    first, last = rng.choice(words.FIRST_NAMES).lower(), rng.choice(words.LAST_NAMES).lower()
    user = rng.choice((f"{first}.{last}", f"{first[0]}{last}", f"{last}", f"{first}_{last}"))
    host = (rng.choice(words.PLACE_STEMS) + rng.choice(("", "-mail", "net", "group"))).lower()
    return f"{user}@{host}.{rng.choice(('com', 'org', 'net', 'example', 'co.uk', 'de', 'fr'))}"


def _identifier(rng: Random, _: str) -> str:
    forms = (
        "#####|######|########|@-####|@@-#####|@@@###|####-##|##-####-#|@@/####/##|@##@###|####-@|"
        "@@-####-@@|#.###.##|@@@-##-###|####/####|@####|##|#"
    )
    return pattern(rng, rng.choice(forms.split("|")))


def _quantity(rng: Random, _: str) -> str:
    number = rng.choice((rng.randint(1, 12), rng.randint(1, 999), rng.randint(1000, 250000)))
    text = f"{number:,}" if rng.random() < 0.7 else str(number)
    units = ("pcs", "boxes", "units", "cases", "M", "each", "lbs.", "kg", "cartons", "sets")
    return f"{text} {rng.choice(units)}" if rng.random() < 0.3 else text


def _measure(rng: Random, _: str) -> str:
    units = (
        "mm|cm|m|km|in.|ft|g|mg|kg|lb|oz|ml|l|°C|°F|%|bar|psi|V|A|W|kWh|rpm|Hz|mg/l|ppm|sq ft|days"
    )
    number = rng.choice(
        (str(rng.randint(1, 500)), f"{rng.uniform(0.01, 120):.{rng.randint(1, 3)}f}")
    )
    return f"{number} {rng.choice(units.split('|'))}"


def _short_text(rng: Random, _: str) -> str:
    return sentence(rng, 2, 6, end="")


def _long_text(rng: Random, _: str) -> list[str]:
    lines = [sentence(rng, 6, 10, end="") for _ in range(rng.randint(1, 4))]
    return [lines[0], *(line.lower() for line in lines[1:])]


def _yes_no(rng: Random, language: str) -> str:
    options = {
        "en": "Yes No None N/A X yes no Y N",
        "de": "Ja Nein ja nein X",
        "fr": "Oui Non oui X",
    }
    return rng.choice(options[language].split())


def _period(rng: Random, language: str) -> str:
    joint = {"en": ("to", "-", "through"), "de": ("bis", "-"), "fr": ("au", "-")}[language]
    return f"{_date(rng, language)} {rng.choice(joint)} {_date(rng, language)}"


def _iban(rng: Random, language: str) -> str:
    country = {"en": "GB", "de": "DE", "fr": "FR"}[language]
    return pattern(rng, f"{country}## #### #### #### #### ##")


def _vat(rng: Random, language: str) -> str:
    forms = {
        "en": ("GB ### #### ##", "##-#######", "US#########"),
        "de": ("DE#########", "##/###/#####"),
        "fr": ("FR ## ### ### ###", "### ### ### #####"),
    }
    return pattern(rng, rng.choice(forms[language]))


def _terms(rng: Random, language: str) -> str:
    options = {
        "en": "Net 30|Net 30 days|Due on receipt|COD|2% 10, net 30|Prepaid|FOB origin|Check|Cash|Visa",
        "de": "30 Tage netto|sofort|14 Tage, 2 % Skonto|Überweisung|Lastschrift|Rechnung",
        "fr": "30 jours|à réception|virement|chèque|carte bancaire|45 jours fin de mois",
    }
    return rng.choice(options[language].split("|"))


def _choice(options: Sequence[str]) -> Callable[[Random, str], str]:
    return lambda rng, _: rng.choice(options)


_STATUSES = (
    "Active|Approved|Closed|Complete|Confidential|Draft|Final|Full time|Good|High|In progress|Low|"
    "Married|Medium|Minor|New|None|Normal|Open|Part time|Pass|Pending|Permanent|Poor|Regular|Rejected|"
    "Routine|Single|Standard|Temporary|Urgent|Used|Widowed|Male|Female|M|F|National|Regional|Local"
).split("|")
_COLORS = "Black|Blue|Brown|Clear|Green|Grey|Orange|Red|Silver|White|Yellow|Amber".split("|")

_GENERATORS: Final[dict[str, Callable[[Random, str], str | list[str]]]] = {
    "person": _person,
    "first": _choice(words.FIRST_NAMES),
    "last": _choice(words.LAST_NAMES),
    "company": company,
    "department": _choice(words.DEPARTMENTS),
    "job": _choice(words.JOBS),
    "address": _address,
    "street": _street,
    "city": _city,
    "country": _choice(words.COUNTRIES),
    "date": _date,
    "time": _time,
    "period": _period,
    "money": _money,
    "percent": lambda rng, _: (
        f"{rng.choice((rng.randint(0, 100), round(rng.uniform(0, 100), 1)))}%"
    ),
    "quantity": _quantity,
    "number": lambda rng, _: str(rng.choice((rng.randint(0, 20), rng.randint(0, 5000)))),
    "phone": _phone,
    "email": _email,
    "url": lambda rng, _: f"www.{rng.choice(words.PLACE_STEMS).lower()}{rng.randint(1, 99)}.com",
    "id": _identifier,
    "iban": _iban,
    "bic": lambda rng, _: pattern(rng, "@@@@DE##@@@"),
    "vat": _vat,
    "yes_no": _yes_no,
    "measure": _measure,
    "product": lambda rng, _: product(rng),
    "short_text": _short_text,
    "long_text": _long_text,
    "terms": _terms,
    "status": _choice(_STATUSES),
    "color": _choice(_COLORS),
}

KINDS: Final = tuple(_GENERATORS)
