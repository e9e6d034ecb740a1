"""Titles, headings, options and fine print."""

# ruff: noqa: SIM905 (a list of hundreds of short strings is easier to read as one text)

from __future__ import annotations

from random import Random
from typing import Final

from . import words
from .values import sentence

_TITLE_SUBJECTS: Final = (
    "Account|Accident|Admission|Advertising|Audit|Benefit|Budget|Change|Check|Claim|Credit|Customer|"
    "Damage|Delivery|Disclosure|Employment|Enrollment|Equipment|Event|Expense|Field|Fund|Grant|Grievance|"
    "Health|Home|Import|Incident|Inspection|Insurance|Inventory|Invoice|Job|Lab|Leave|Library|License|"
    "Loan|Maintenance|Media|Medical|Membership|Mortgage|Order|Parking|Patient|Payment|Permit|Personnel|"
    "Policy|Product|Project|Promotion|Property|Purchase|Quality|Quotation|Refund|Registration|Rental|"
    "Repair|Research|Sales|Sample|School|Service|Shipping|Site|Storage|Study|Supplier|Survey|Tax|Tenant|"
    "Test|Training|Transfer|Travel|Vacation|Vehicle|Vendor|Visa|Visitor|Volunteer|Warranty|Work"
).split("|")
_TITLE_KINDS: Final = (
    "Form|Report|Request|Application|Record|Agreement|Authorization|Notice|Order|Sheet|Statement|"
    "Summary|Card|Checklist|Log|Questionnaire|Declaration|Certificate|Request Form|Data Sheet|Slip|"
    "Application Form|Evaluation|Worksheet|Schedule|Transmittal|Confirmation|Approval|Information"
).split("|")
_WHOLE_TITLES: Final = (
    "MEMORANDUM|Fax Cover Sheet|FAX|Facsimile Transmission|Inter-Office Correspondence|Bill of Lading|"
    "Packing List|Proof of Delivery|Curriculum Vitae|Power of Attorney|Meeting Minutes|Timesheet|"
    "Telecopy|Press Release|Speed Letter|Routing Slip|Insertion Order|Requisition|Contract"
).split("|")
_FOREIGN_TITLES: Final = {
    "de": (
        "Antrag|Anmeldung|Antragsformular|Bestellung|Lieferschein|Schadensmeldung|Fragebogen|Mietvertrag|"
        "Kündigung|Beitrittserklärung|Reisekostenabrechnung|Bescheinigung|Urlaubsantrag|Quittung|"
        "Personalbogen|Aufnahmeantrag|Auftragsbestätigung|Vollmacht|Meldebogen|Kostenvoranschlag"
    ).split("|"),
    "fr": (
        "Formulaire de demande|Bon de commande|Fiche d'inscription|Déclaration de sinistre|Attestation|"
        "Demande de congé|Contrat de location|Note de frais|Bulletin d'adhésion|Procuration|Reçu|"
        "Bon de livraison|Questionnaire|Fiche de renseignements|Devis"
    ).split("|"),
}
_SECTIONS: Final = {
    "en": (
        "General information|Personal details|Personal data|Contact information|Contact details|Company"
        " information|Payment details|Payment information|Shipping information|Order details|Employment"
        " history|Education|References|Medical history|Insurance|Vehicle|Property|Bank details|"
        "Declaration|For office use only|Office use|Authorization|Approval|Approvals|Description|"
        "Project information|Background|Summary|Results|Test conditions|Test results|Materials|Equipment|"
        "Costs|Budget|Schedule|Terms and conditions|Additional information|Emergency contact|Family|"
        "Travel details|Accommodation|Items|Comments|Instructions|Attachments|Distribution|Physical"
        " properties|Sample data|Analytical data|Conclusions|Actions|Participants|Delivery|Billing|"
        "Customer|Supplier|Applicant|Claim details|Incident|Witnesses|Signature|Certification|"
        "Reproduction|Source of business|Market|Competitors|Promotion|Media|Coverage|Objectives|Method"
    ).split("|"),
    "de": (
        "Angaben zur Person|Persönliche Daten|Bankverbindung|Kontaktdaten|Angaben zum Arbeitgeber|"
        "Rechnungsanschrift|Erklärung|Nur für den Dienstgebrauch|Versicherung|Unterschrift|Zahlung|"
        "Schadenhergang|Anlagen|Bemerkungen|Lieferung"
    ).split("|"),
    "fr": (
        "Informations générales|Coordonnées|État civil|Coordonnées bancaires|Employeur|Paiement|"
        "Livraison|Déclaration|Réservé à l'administration|Pièces jointes|Signature|Assurance|Véhicule"
    ).split("|"),
}
_OPTION_GROUPS: Final = (
    "Yes|No;Single|Married|Divorced|Widowed;Male|Female;Full time|Part time;Cash|Check|Credit card;"
    "New|Renewal;Urgent|For review|Please comment|Please reply;Approved|Rejected;Air|Sea|Road;"
    "Daily|Weekly|Monthly|Quarterly;Owner|Tenant;Excellent|Good|Fair|Poor;Pass|Fail;Original|Copy;"
    "Add|Change|Delete;Domestic|International;Small|Medium|Large;Morning|Afternoon|Evening;"
    "Permanent|Temporary;Employee|Contractor|Visitor;Letter|Telephone|Visit;Agree|Disagree|No opinion;"
    "English|Spanish|French;Purchase|Lease;Retail|Wholesale;Increase|Decrease|No change"
).split(";")
_FOREIGN_OPTIONS: Final = {
    "de": ("Ja|Nein", "Herr|Frau", "ledig|verheiratet|geschieden", "bar|Überweisung"),
    "fr": ("Oui|Non", "M.|Mme", "célibataire|marié(e)|divorcé(e)", "chèque|virement"),
}
_FINE_PRINT: Final = {
    "en": (
        "All information is treated as confidential and is used for processing only.",
        "Please complete all sections in block letters and return the form to the address above.",
        "I certify that the statements made above are true to the best of my knowledge.",
        "Incomplete forms will be returned. Keep a copy for your records.",
        "This facsimile contains privileged information. If you received it in error, please call.",
        "Payment is due within thirty days. Late payments are subject to interest.",
        "Do not write below this line.",
        "Attach additional sheets if necessary.",
        "The undersigned agrees to the terms and conditions printed on the reverse.",
        "Goods remain our property until paid in full.",
    ),
    "de": (
        "Bitte füllen Sie das Formular vollständig und in Druckbuchstaben aus.",
        "Ich versichere, dass alle Angaben der Wahrheit entsprechen.",
        "Die Ware bleibt bis zur vollständigen Bezahlung unser Eigentum.",
        "Es gelten unsere Allgemeinen Geschäftsbedingungen.",
    ),
    "fr": (
        "Merci de remplir le formulaire en lettres capitales.",
        "Je certifie l'exactitude des renseignements fournis.",
        "Toute déclaration incomplète sera retournée à l'expéditeur.",
        "Les marchandises restent notre propriété jusqu'au paiement complet.",
    ),
}
_SIGNATURES: Final = {
    "en": "Signature|Date|Authorized signature|Approved|Signature of applicant|Manager|Title|Signed|Print name|"
    "Authorised signatory|Date signed|For the company|Witness|Signature and stamp|Place and date|Accepted by",
    "de": "Unterschrift|Ort, Datum|Unterschrift des Antragstellers|Datum|Stempel, Unterschrift|Datum, Unterschrift",
    "fr": "Signature|Date|Lieu et date|Signature du demandeur|Cachet et signature|Fait à, le",
}
_SIGNERS: Final = (
    "employee|customer|tenant|owner|manager|supervisor|parent|guardian|driver|buyer|seller|borrower|witness|patient|"
    "physician|contractor|inspector|recipient|student|member|holder|treasurer|claimant"
)


def title(rng: Random, language: str) -> str:
    """The title of a form."""
    if language != "en":
        return rng.choice(_FOREIGN_TITLES[language])
    if rng.random() < 0.2:
        return rng.choice(_WHOLE_TITLES)
    text = f"{rng.choice(_TITLE_SUBJECTS)} {rng.choice(_TITLE_KINDS)}"
    return f"{rng.choice(words.NOUNS).title()} {text}" if rng.random() < 0.12 else text


def section(rng: Random, language: str) -> str:
    """The heading of a section."""
    if language == "en" and rng.random() < 0.3:
        return f"{rng.choice(_TITLE_SUBJECTS)} {rng.choice(('details', 'data', 'information'))}"
    return rng.choice(_SECTIONS[language])


def options(rng: Random, language: str) -> list[str]:
    """Two to four boxes to tick."""
    group = rng.choice(_OPTION_GROUPS if language == "en" else _FOREIGN_OPTIONS[language])
    return group.split("|")


def signature_captions(rng: Random, language: str, count: int) -> list[str]:
    """Different captions of lines to sign on."""
    texts = _SIGNATURES[language].split("|")
    if language == "en":
        roles = rng.sample(_SIGNERS.split("|"), 3)
        texts += [f"Signature of {roles[0]}", f"{roles[1].capitalize()}'s signature"]
        texts += [f"Signature of {rng.choice(('the ', ''))}{roles[2]}", "Date", "Signature"]
    captions = list(dict.fromkeys(rng.sample(texts, len(texts))))[:count]
    return [c.title() for c in captions] if rng.random() < 0.25 else captions


def fine_print(rng: Random, language: str) -> str:
    """One to four sentences that nobody reads."""
    texts = rng.sample(_FINE_PRINT[language], rng.randint(1, 2))
    if language == "en" and rng.random() < 0.6:
        texts += [sentence(rng, 6, 18) for _ in range(rng.randint(1, 3))]
    return " ".join(texts)


def margin_note(rng: Random) -> str:
    """What stands at the edges of pages: numbers of forms, stamps, page numbers, copies."""
    return rng.choice(
        (
            f"Form {rng.choice('ABCDFRST')}-{rng.randint(1, 999)}",
            f"Rev. {rng.randint(1, 12)}/{rng.randint(60, 99)}",
            f"Page {rng.randint(1, 4)} of {rng.randint(4, 9)}",
            f"{rng.randint(10**7, 10**9)}",
            f"- {rng.randint(1, 30)} -",
            "CONFIDENTIAL",
            "COPY",
            "White: Accounting  Yellow: Originator",
            "(over)",
            "RECEIVED",
            "Printed on recycled paper",
        )
    )
