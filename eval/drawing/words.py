"""Lists of words that the drawn documents are made of. All people and companies are invented."""

# ruff: noqa: SIM905 (a list of hundreds of short strings is easier to read as one text)

from __future__ import annotations

from typing import Final

FIRST_NAMES: Final = tuple(
    """Aaron Abigail Adaeze Ahmed Aiko Alan Alejandro Alice Amara Amelia Andrea Andrew Anita Anna
Antoine Arjun Astrid Beatrice Benjamin Bianca Boris Brenda Bruno Camille Carlos Carmen Catherine
Charles Chen Chiara Christian Claire Conor Cornelia Daniel Daria David Deborah Denise Diego Dmitri
Dolores Donna Dorothy Edward Elena Elif Elizabeth Emeka Emil Emma Eric Esther Fatima Felix Fiona
Francis Frank Franziska Gabriel George Gerald Giulia Grace Greta Gustav Hannah Harold Heather Helen
Henrik Hiroshi Ines Ingrid Irene Isaac Ivan Jacob Jamal James Janet Jasmine Jean Jennifer Jerome Jin
Joan Johanna John Jonas Jorge Joseph Joyce Juliette Karen Karl Katarzyna Keith Kenneth Klaus Kofi
Laila Lars Laura Lena Leon Leticia Linda Louis Lucia Luis Magdalena Malik Marcus Margaret Maria
Martin Mary Matteo Maxime Mei Michael Miriam Mohammed Monika Naomi Natalia Nathan Nguyen Nicole Nils
Noah Olga Oliver Olivia Omar Oscar Patricia Paul Peter Philip Priya Rachel Rahul Ralph Raymond
Rebecca Renate Ricardo Robert Rosa Ruth Samuel Sandra Sara Sean Sergei Sofia Stefan Stella Susan
Sven Tamara Teresa Theodore Thomas Tomas Ursula Valerie Vera Victor Vincent Virginia Walter Wei
William Yasmin Yusuf Zoe""".split()
)

LAST_NAMES: Final = tuple(
    """Abbott Acosta Adeyemi Ahlgren Albrecht Almeida Anders Armstrong Bachmann Baker Barnes Barros
Baxter Becker Bellamy Benoit Bergmann Bianchi Blake Boateng Bowman Brandt Brennan Brooks Bryant
Burke Calloway Campbell Carver Castillo Chandra Chapman Chavez Clarke Coleman Conti Crawford Cruz
Dalton Davies Delgado Dietrich Donovan Dubois Duffy Duncan Eklund Ellison Engel Espinoza Farrell
Faulkner Ferrari Fischer Fitzgerald Fleming Fontaine Foster Fournier Gallagher Garner Gauthier
Gibson Goldberg Gomez Graham Greene Gupta Haas Hale Hansen Harding Hartmann Hayashi Hensley Herrera
Hoffmann Holloway Huang Hughes Ibrahim Iverson Jackson Jansen Jensen Johansson Kaminski Kaplan
Keller Kendall Khan Kim Klein Kowalski Kramer Lambert Lang Larsen Lawson Leclerc Lehmann Lindgren
Lombardi Lopez Lowell Maddox Marchetti Marsh Mayer McBride Mendez Mercer Meyer Mitchell Molina
Moreau Morgan Mueller Nakamura Navarro Nielsen Novak Nwosu Oakley Okafor Olsen Ortega Osborne Owens
Palmer Parekh Patel Pearson Pereira Perkins Petrov Pfeiffer Porter Quinn Ramirez Rasmussen Reeves
Reinhardt Reyes Richter Rivera Robinson Rossi Russo Santos Sawyer Schmidt Schreiber Sharma Shepherd
Silva Simmons Sokolov Stein Stewart Sullivan Tanaka Taylor Thornton Torres Tran Turner Vargas Vogel
Wagner Walsh Watanabe Weber Whitaker Wilkins Winter Wolfe Wright Yamamoto Young Zhang
Zimmermann""".split()
)

PLACE_STEMS: Final = tuple(
    """Alder Amber Arden Ash Aurora Bay Beacon Birch Blue Bridge Brook Canyon Cedar Clear Cobalt
Copper Coral Crescent Crown Delta Eagle East Elm Ember Evergreen Falcon Fern Forest Fox Gate Glen
Golden Granite Green Grove Harbor Haven Hazel Heather Heron High Horizon Iron Ivory Jade Juniper
Kestrel Lake Lark Laurel Liberty Lime Lion Maple Marble Meadow Mercury Meridian Mill Moon Nord North
Oak Ocean Olive Orchid Otter Park Pearl Pine Pioneer Prairie Quartz Raven Red Ridge River Rose
Sable Sage Sand Silver Sky South Spring Spruce Star Sterling Stone Summit Sun Swift Thistle Timber
Union Valley Vista Walnut Water West White Willow Wind Wolf Zenith""".split()
)

COMPANY_FIELDS: Final = tuple(
    """Analytics|Automotive|Bakery|Bank|Brewery|Builders|Catering|Ceramics|Chemicals|Clinic|
Communications|Components|Construction|Consulting|Cosmetics|Dairy|Dental Care|Design|Distribution|
Dynamics|Electric|Electronics|Energy|Engineering|Equipment|Express|Farms|Fashion|Filters|Financial|
Foods|Freight|Furniture|Garden Supply|Glass|Graphics|Hardware|Health|Holdings|Hospital|Hotels|
Imports|Industries|Instruments|Insurance|Interiors|Laboratories|Leasing|Lighting|Logistics|
Machinery|Management|Marine|Marketing|Media|Medical Supply|Metals|Motors|Office Supplies|Optics|
Packaging|Paper|Partners|Pharma|Plastics|Plumbing|Press|Print Services|Properties|Publishing|
Research|Robotics|Security|Services|Shipping|Software|Solutions|Staffing|Stationery|Steel|Systems|
Technologies|Textiles|Tobacco|Tools|Toys|Trading|Transport|Travel|Trust|University|
Wholesale""".replace("\n", "").split("|")
)

COMPANY_FORMS: Final = {
    "en": ("Inc.", "LLC", "Ltd", "Ltd.", "Corp.", "Co.", "plc", "Group", "Pty Ltd", "", ""),
    "de": ("GmbH", "AG", "KG", "GmbH & Co. KG", "OHG", "e.K."),
    "fr": ("SARL", "SA", "SAS", "et Fils", "EURL"),
}

STREETS: Final = {
    "en": ("Street", "St.", "Road", "Rd", "Avenue", "Ave", "Lane", "Drive", "Blvd", "Way", "Court"),
    "de": ("straße", "weg", "gasse", "platz", "allee", "ring"),
    "fr": ("rue de", "avenue de", "boulevard de", "place de", "chemin de", "impasse de"),
}

CITIES: Final = {
    "en": (
        "Springfield|Riverton|Ashford|Burlington|Clayton|Dover|Fairview|Georgetown|Hudson|Kingston|"
        "Lexington|Madison|Newport|Oxford|Portland|Richmond|Salem|Trenton|Winchester|York|Chicago|"
        "New York|Houston|Seattle|Denver|Atlanta|Boston|London|Leeds|Bristol|Sydney|Toronto|Dublin"
    ).split("|"),
    "de": (
        "Berlin|Hamburg|München|Köln|Frankfurt am Main|Stuttgart|Düsseldorf|Leipzig|Dresden|Bremen|"
        "Hannover|Nürnberg|Freiburg|Mainz|Kassel|Wien|Graz|Linz|Zürich|Bern"
    ).split("|"),
    "fr": (
        "Paris|Lyon|Marseille|Toulouse|Nice|Nantes|Strasbourg|Montpellier|Bordeaux|Lille|Rennes|"
        "Reims|Dijon|Grenoble|Angers|Genève|Lausanne|Bruxelles"
    ).split("|"),
}

STATES: Final = tuple(
    """AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM
NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY""".split()
)

COUNTRIES: Final = (
    "United States|USA|Canada|United Kingdom|Ireland|Germany|France|Italy|Spain|Poland|Sweden|Japan|"
    "India|Brazil|Mexico|Australia|Singapore|Malaysia|Kenya|Nigeria|South Africa|Austria|Switzerland"
).split("|")

JOBS: Final = (
    "Accountant|Analyst|Architect|Assistant|Buyer|Chemist|Clerk|Consultant|Controller|Cook|Designer|"
    "Director|Driver|Editor|Electrician|Engineer|Foreman|General Manager|Inspector|Lab Technician|"
    "Librarian|Machinist|Manager|Nurse|Office Manager|Operator|Pharmacist|Physician|Plant Manager|"
    "President|Principal|Product Manager|Purchasing Agent|Receptionist|Sales Representative|"
    "Scientist|Secretary|Supervisor|Surveyor|Teacher|Technician|Treasurer|Vice President|Welder"
).split("|")

DEPARTMENTS: Final = (
    "Accounting|Accounts Payable|Administration|Advertising|Analytical|Cardiology|Claims|Compliance|"
    "Corporate Affairs|Customer Service|Engineering|Facilities|Finance|Human Resources|IT|Legal|"
    "Logistics|Maintenance|Marketing|Media|Operations|Payroll|Procurement|Production|Public Affairs|"
    "Purchasing|Quality Control|Radiology|R&D|Records|Research|Safety|Sales|Shipping|Training"
).split("|")

NOUNS: Final = tuple(
    """adapter additive alarm antenna apparatus archive axle badge barrel battery bearing belt
binder blade board bolt bottle box bracket brochure brush bulb bundle button cabinet cable calendar
camera canvas capsule carpet carton cartridge case casing catalog chair charger chip clamp cleaner
coating coil compound connector container cooler counter coupling cover crate cup curtain cylinder
desk dial disc display door drill drum engine envelope extract fabric fan fastener fiber filter film
fitting flange flask foil folder frame fuse gasket gauge gear generator glove handle hinge hose
housing ink insert jacket joint key kit label lamp leaflet lens lever lid liner lock lubricant magnet
manual mask mat meter mirror module monitor motor mount nozzle nut oil outlet pad paint pallet panel
paper paste pen phone pin pipe plate plug pole poster powder printer probe projector pump rack radio
ream regulator relay resin ribbon rod roller rope router sample scale scanner screen screw seal sensor
shaft sheet shelf shield solution solvent spacer speaker spring stand steel strap switch syringe
table tank tape thermostat tile timer toner tool tray tube valve vial wafer washer wheel wire
wrench""".split()
)

ADJECTIVES: Final = tuple(
    """adjustable aluminum annual automatic basic black blue brass bulk ceramic certified clear coated
compact complete copper custom deluxe digital disposable double dry electric external fine flat
flexible foldable front galvanized glass green grey heavy hydraulic industrial internal large light
long magnetic manual medium menthol metal mini mobile natural new nylon outdoor plain plastic
portable premium printed rear recycled red refill regular replacement rigid rubber safety sealed
short single slim small soft spare special stainless standard steel thermal thick thin universal
vinyl washable waterproof white wide wireless wooden yellow""".split()
)

VERBS: Final = tuple(
    """adjust approve arrange calibrate cancel check clean collect compare complete confirm correct
deliver discuss evaluate examine extend file forward inspect install issue maintain measure mix move
order package prepare print process promote purchase recommend record reduce relocate renew repair
replace report request return review revise sample schedule sell send ship sign submit supply support
test train transfer update verify weigh""".split()
)

FILLERS: Final = tuple(
    """the of and to in for on by with a is this be as or an are from that all any at will not it may
has must within under before after no each other which during please only such if when than more
until per both upon""".split()
)
