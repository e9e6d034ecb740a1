"""What forms ask for: keys by the kind of value that answers them, in three languages."""

# ruff: noqa: SIM905 (a list of hundreds of short strings is easier to read as one text)

from __future__ import annotations

from functools import cache
from random import Random
from typing import Final

_ENGLISH: Final = """
person: Name|Full name|Applicant|Contact|Contact person|Attn|Attention|From|To|cc|Requested by|Approved by|Prepared by|Submitted by|Reviewed by|Authorized by|Received by|Checked by|Ordered by|Sales person|Sales rep|Account executive|Buyer|Customer|Client|Patient|Insured|Policyholder|Claimant|Employee|Supervisor|Manager|Owner|Driver|Tenant|Landlord|Student|Parent or guardian|Spouse|Physician|Attending physician|Investigator|Author|Analyst|Inspector|Technician|Operator|Witness|Beneficiary|Emergency contact|Cardholder|Account holder|Signed|Print name|Originator|Responsible|Project leader|Coordinator|Interviewer|Respondent|Plaintiff|Counsel|Assigned to|Recipient|Sender|Caller|Guest|Passenger|Speaker|Nominee|Sponsor|Instructor|Representative|Title holder|Engineer|Chairman
first: First name|Given name|Forename|Preferred name|Christian name
last: Last name|Surname|Family name|Maiden name
company: Company|Company name|Firm|Employer|Vendor|Supplier|Manufacturer|Organization|Institution|Business name|Bill to|Ship to|Sold to|Carrier|Agency|Advertiser|Publisher|Bank|Bank name|Insurer|Contractor|Distributor|Account|Account name|School|Hospital|Laboratory|Consignee|Shipper|Station|Publication|Importer|Brand|Retailer|Trade name|Lessor
department: Department|Dept.|Division|Section|Unit|Office|Branch|Cost center|Team|Group|Ward|Faculty|Area
job: Title|Position|Job title|Occupation|Profession|Role|Rank|Current position|Position applied for
address: Address|Mailing address|Home address|Shipping address|Billing address|Delivery address|Business address|Ship to|Bill to|Deliver to|Remit to|Permanent address|Property address|Place of accident|Destination|Site|Location of job|Return to|Sold to
street: Street|Street address|Address line 1|Number and street|Road|Location
city: City|Town|City/State/Zip|City, State|Place|Place of birth|Market|Zip|Port of loading|Origin|Venue
country: Country|Nationality|Citizenship|Country of origin|Destination country|Region
date: Date|Date of birth|Birth date|DOB|Invoice date|Due date|Order date|Ship date|Delivery date|Date received|Date submitted|Date required|Date issued|Expiry date|Effective date|Start date|End date|Completion date|Date of hire|Date of loss|Admission date|Discharge date|Test date|Closing date|Date of request|Last revision|Payment date|Check-in|Check-out|Departure|Arrival|Date opened|Date closed|Target date|Renewal date|Dated|Issue|Shipped|On sale date|Received|Valid until|Space closing|Date signed|Revised
time: Time|Time in|Time out|Start time|End time|Hour|Time received|Call time|Departure time|Sent at
period: Period|Period covered|Billing period|Dates of travel|Coverage period|Reporting period|Duration|Validity|Campaign dates|Dates of employment|Flight dates|From/To
money: Amount|Total|Total amount|Amount due|Balance|Balance due|Price|Unit price|Cost|Estimated cost|Total cost|Budget|Fee|Deposit|Salary|Annual income|Rent|Net amount|Gross amount|Premium|Deductible|Tax|Subtotal|Freight|Shipping|Discount|Amount paid|Claim amount|Insured value|Credit limit|Purchase price|Amount enclosed|Cash advance|Reimbursement|Grand total|Net pay|Authorized amount|Current balance|Donation|Market value|Coupon value|Total budget|Expenses|Commission
percent: Percent|Discount rate|Tax rate|Interest rate|Share|Ownership|VAT rate|Response rate|Humidity|Moisture|Score|Growth|Completion|Distribution achieved
quantity: Quantity|Qty|Qty ordered|Number of pieces|Units|Volume|Order quantity|Copies|Circulation|Stock on hand|Minimum order|Packages|Cases sold|Total pieces|Inventory|Sample size
number: Number of pages|Pages|No. of pages including cover|Age|Number of employees|Number of children|Years|Floor|Room|Seats|Hours worked|Number of stores|Extension|Line|Item|Attempts|Replicates|Total number|Run number|Dependents|Copy count|Bedrooms|Persons
phone: Phone|Telephone|Tel.|Tel|Phone number|Telephone number|Home phone|Work phone|Mobile|Cell|Fax|Fax number|Fax no.|Daytime phone|Facsimile|Contact number|Telecopier|Emergency phone|Pager
email: E-mail|Email|Email address|E-mail address|Contact email|Internet
url: Website|Web site|Homepage|URL|Internet address
id: No.|Number|ID|ID no.|Invoice no.|Invoice number|Order no.|Order number|PO number|P.O. No.|Purchase order|Reference|Ref.|Your reference|Our reference|Account number|Account no.|Customer no.|Customer ID|Member ID|Policy no.|Policy number|Claim no.|Case no.|File no.|Job no.|Project no.|Project number|Contract no.|Serial number|Serial no.|Model|Model no.|Part number|Part no.|Item no.|Batch|Batch no.|Lot|Lot no.|Sample no.|Test no.|Tracking no.|License no.|License plate|Passport no.|Employee no.|Employee ID|Badge no.|Social security no.|Patient ID|Medical record no.|Room no.|Ticket no.|Check no.|Receipt no.|Registration no.|Permit no.|Code|Cost code|Version|Revision|Form no.|Document no.|Asset tag|VIN|Catalog no.|Requisition no.|Voucher no.|Bill of lading|Container no.|Grade|Class|Product code|Study no.|Protocol|Notebook page|Charge code|Log no.|Vendor no.|Booking no.|Docket|Routing number|Style no.
iban: IBAN|Bank account|Account (IBAN)
bic: BIC|SWIFT|SWIFT/BIC
vat: VAT no.|VAT number|VAT ID|Tax ID|Tax number|EIN|Federal ID|Company registration no.
yes_no: Insured|Smoker|Taxable|Allergies|Urgent|Rush|Attachment|Confidential|Reply requested|Previous claims|Photocopy|Insurance|Prior approval|Signature required|Hazardous|Refundable|Renewal|Returned|Sample attached|Original to follow|Restricted|Test market
measure: Weight|Height|Length|Width|Size|Temperature|Pressure|Distance|Capacity|Net weight|Gross weight|Dimensions|Diameter|Thickness|Dosage|Speed|Voltage|Power|Area|Depth|Concentration|Flow rate|Density|Mileage|Blood pressure|Filter length|Circumference|Draw resistance|Lead time|Dose|Trim size|Viscosity
product: Product|Item|Description|Material|Equipment|Article|Goods|Product name|Device|Instrument|Sample|Compound|Make|Asset|Commodity|Substance|Brand name|Specimen|Test article|Package|Part|Vehicle
short_text: Subject|Re|Regarding|Purpose|Reason|Reason for request|Project|Project title|Event|Type|Type of business|Category|Course|Diagnosis|Cause|Symptoms|Title of study|Program|Promotion|Method|Procedure|Activity|Nature of business|Theme|Objective|Medication|Treatment|Source|Caption|Function|Topic|Copy|Specifications|Packing|Special features|Test method|Route|Species
long_text: Comments|Remarks|Notes|Description|Description of work|Explanation|Instructions|Special instructions|Message|Details|Summary|Conclusions|Action taken|Background|Scope of work|Objectives|Recommendations|Additional information|Results|Reason for absence|Observations|Justification|Findings|Corrective action|Suggested changes|Comments and suggestions|Distribution|Competitive activity|Experience
terms: Terms|Payment terms|Payment method|Method of payment|Shipping terms|Terms of delivery|Ship via|Incoterms
status: Status|Priority|Condition|Marital status|Sex|Gender|Type of contract|Classification|Result|Grade|Rating|Employment status|Quality|Severity|Level|Frequency|Security class|Coverage|Overall rating
color: Color|Colour|Paper|Finish|Eye color|Cover
"""

_GERMAN: Final = """
person: Name|Vor- und Nachname|Ansprechpartner|Antragsteller|Bearbeiter|Kontoinhaber|Versicherungsnehmer|Sachbearbeiter|Empfänger|Patient|Mieter|Fahrer|Unterschrift|Geprüft von|Genehmigt von
first: Vorname|Rufname
last: Nachname|Familienname|Geburtsname
company: Firma|Unternehmen|Arbeitgeber|Lieferant|Auftraggeber|Bank|Kreditinstitut|Kunde
department: Abteilung|Referat|Kostenstelle
job: Beruf|Tätigkeit|Position|Stellung
address: Anschrift|Adresse|Lieferanschrift|Rechnungsadresse|Postanschrift
street: Straße|Straße, Hausnummer|Straße und Nr.
city: Ort|PLZ, Ort|Wohnort|Geburtsort
country: Land|Staatsangehörigkeit
date: Datum|Geburtsdatum|Rechnungsdatum|Lieferdatum|Fällig am|Eintrittsdatum|Bestelldatum|Gültig bis|Leistungsdatum|Beginn|Ende
time: Uhrzeit|von|bis|Ankunft
period: Zeitraum|Abrechnungszeitraum|Reisezeitraum|Leistungszeitraum
money: Betrag|Gesamtbetrag|Summe|Preis|Kosten|Netto|Brutto|Miete|Gehalt|Einzelpreis|Zwischensumme|Rechnungsbetrag
percent: Prozent|Rabatt|MwSt.-Satz|Anteil
quantity: Menge|Anzahl|Stückzahl
number: Alter|Seiten|Anzahl Personen|Anzahl der Kinder
phone: Telefon|Tel.|Telefonnummer|Mobil|Fax|Handy
email: E-Mail|E-Mail-Adresse
id: Nr.|Kundennummer|Rechnungsnummer|Auftragsnummer|Bestellnummer|Aktenzeichen|Personalnummer|Vertragsnummer|Kennzeichen|Ihr Zeichen|Artikelnummer|Versicherungsnummer|Mitgliedsnummer
iban: IBAN|Kontonummer
bic: BIC|BLZ
vat: USt-IdNr.|Steuernummer|Steuer-ID
yes_no: Raucher|Privat versichert|Anlage|Eilig
measure: Gewicht|Größe|Länge|Temperatur
product: Artikel|Bezeichnung|Gerät|Material|Ware
status: Familienstand|Geschlecht|Status
terms: Zahlungsart|Zahlungsbedingungen|Lieferart
"""

_FRENCH: Final = """
person: Nom|Nom et prénom|Contact|Demandeur|Titulaire du compte|Bénéficiaire|Responsable|Patient|Signataire|Conducteur|Destinataire|À l'attention de
first: Prénom
last: Nom de famille|Nom de naissance
company: Société|Entreprise|Employeur|Fournisseur|Client|Banque|Raison sociale
department: Service|Département
job: Profession|Fonction|Poste
address: Adresse|Adresse de livraison|Adresse de facturation|Domicile
street: Rue|N° et rue
city: Ville|Code postal et ville|Lieu|Lieu de naissance
country: Pays|Nationalité
date: Date|Date de naissance|Date de facture|Date d'échéance|Date de livraison|Fait le|Date d'entrée|Valable jusqu'au
time: Heure|Heure d'arrivée
period: Période|Dates du séjour
money: Montant|Total|Montant total|Prix|Total TTC|Total HT|Loyer|Salaire|Acompte|Net à payer
percent: Taux|Remise|Taux de TVA
quantity: Quantité|Qté|Nombre
number: Âge|Nombre de pages|Nombre d'enfants
phone: Téléphone|Tél.|Portable|Télécopie|Fax
email: Courriel|E-mail|Adresse électronique
id: N°|Numéro|Référence|N° de client|N° de facture|N° de commande|N° de dossier|N° de contrat|Immatriculation|N° de série
iban: IBAN|RIB
bic: BIC
vat: N° TVA|SIRET|SIREN
yes_no: Fumeur|Assuré|Urgent
measure: Poids|Taille|Longueur|Température
product: Article|Désignation|Produit|Matériel
status: Situation de famille|Sexe|Statut|État
terms: Mode de paiement|Conditions de paiement
"""

_OWNERS: Final = (
    "Applicant's|Customer's|Patient's|Employee's|Owner's|Vendor's|Insured's|Contractor's|Buyer's|"
    "Student's|Member's|Agent's|Father's|Mother's|Spouse's|Driver's|Seller's|Your|Client's|Company's"
).split("|")
_MODIFIERS: Final = (
    "Current|Previous|New|Original|Other|Primary|Secondary|Alternate|Main|Final|Estimated|Actual|"
    "Planned|Proposed|Requested|Maximum|Minimum|Average|Total|First|Second|Last|Next|Internal|"
    "External|Local|Base|Initial|Regular|Net|Approved|Expected|Year-end|Monthly|Annual|Daily|Adjusted"
).split("|")
_TAILS: Final = (
    "(if any)|(required)|(optional)|(please print)|(if different)|(mm/dd/yyyy)|(see reverse)|"
    "(in full)|(office use)|(block letters)|(attach copy)|(1)|(2)|*"
).split("|")


@cache
def _table(language: str) -> dict[str, tuple[str, ...]]:
    source = {"en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH}[language]
    rows = (line.split(": ", 1) for line in source.strip().splitlines())
    return {kind: tuple(keys.split("|")) for kind, keys in rows}


def kinds(language: str) -> tuple[str, ...]:
    """The kinds of value that the language has keys for."""
    return tuple(_table(language))


def key(rng: Random, language: str = "en", kind: str | None = None) -> tuple[str, str]:
    """Draws a key and the kind of its value; frequent kinds are drawn more often.

    Args:
        rng: Where chance comes from.
        language: "en", "de" or "fr".
        kind: The kind wanted; any where None.

    Returns:
        `(key, kind)`; the key has neither colon nor number.
    """
    table = _table(language)
    if kind is None:
        names = tuple(table)
        kind = rng.choices(names, [len(table[n]) ** 0.8 for n in names])[0]
    text = rng.choice(table[kind])
    if language != "en":
        return text, kind
    chance = rng.random()
    if chance < 0.06:
        text = f"{rng.choice(_OWNERS)} {_lowered(text)}"
    elif chance < 0.13:
        text = f"{rng.choice(_MODIFIERS)} {_lowered(text)}"
    elif chance < 0.16:
        text = f"{text} {rng.choice(_TAILS)}"
    elif chance < 0.19:
        text = f"{text} / {_lowered(rng.choice(table[kind]))}"
    return text, kind


def _lowered(text: str) -> str:
    """With a small first letter, unless it starts with an abbreviation."""
    return text if text[1:2].isupper() or text[1:2] == "." else text[0].lower() + text[1:]
