"""What shops and restaurants sell, by language, and what they call themselves."""

from __future__ import annotations

from random import Random
from typing import Final

from . import words
from .values import product

# By language: food and drinks; what supermarkets sell; kinds of shops; what shops are called.
_SOURCES: Final = {
    "en": (
        "Cheeseburger|Fish & Chips|Caesar Salad|Club Sandwich|House Red 175ml|Pint Lager|Flat White|Latte|Cappuccino|Americano|Iced Tea|Chicken Wings|Ribeye Steak 12oz|Mac & Cheese|Pancakes|Eggs Benedict|Soup of the Day|Garlic Bread|Veggie Burger|Sweet Potato Fries|Lemonade|Diet Coke|Sparkling Water|Brownie|Cheesecake|Chicken Tikka|Pad Thai|Margherita|Pepperoni 12in|Gin & Tonic|Bottled Beer|Sunday Roast|Hash Browns|BLT|Nachos|Key Lime Pie|Draft IPA|Espresso|Hot Chocolate|Blueberry Muffin|Tuna Melt|Steak Pie|Cider 500ml|Kids Meal|Breakfast Roll",
        "Bananas loose|Whole Milk 2L|White Bread 800g|Free Range Eggs 12|Cheddar 400g|Butter Unsalted|Orange Juice|Basmati Rice 1kg|Spaghetti 500g|Chopped Tomatoes|Toilet Tissue 9pk|Shampoo 250ml|Toothpaste|AA Batteries 4pk|Paracetamol 16s|Dish Soap|Chicken Breast|Minced Beef|Avocado|Baby Spinach|Greek Yogurt|Crisps Multi|Dog Food|Carrier Bag|Paper Towels|Light Bulb LED|Notebook A5|Ballpoint Pen|Sandpaper|Wood Screws 4x40|Unleaded 95|Diesel|Car Wash|Newspaper|Birthday Card|T-Shirt M|Socks 3pk|Face Cream|Vitamin C|Cough Syrup",
        "Cafe|Coffee|Bakery|Grill|Kitchen|Bistro|Diner|Pub|Tavern|Market|Stores|Pharmacy|Hardware|Books|Garden Centre|Foods|Deli|Pizza|Bar & Grill|Brewing Co|Supermarket|Express|Fuel|Convenience|Florist|Outfitters|Electronics|Toys|Pet Supplies|Chemist|Noodle House|Tea Room|Steakhouse|Cleaners",
        "The {stem} {kind}|{last}'s {kind}|{stem} {kind}|{stem} & {other} {kind}|{last} {kind}|{stem}{low} {kind}|{first}'s {kind}|{last} & {last2}|{stem} Street {kind}",
    ),
    "de": (
        "Wiener Schnitzel|Currywurst|Bratwurst m. Brot|Käsespätzle|Pils 0,5l|Weißbier 0,5|Apfelschorle|Kaffee|Cappuccino|Milchkaffee|Apfelstrudel|Kartoffelsuppe|Gem. Salat|Pommes frites|Spezi 0,4|Mineralwasser 0,25|Schweinebraten|Rahmschnitzel|Flammkuchen|Espresso|Käsekuchen|Tagessuppe|Hauswein rot 0,2|Döner|Zürcher Geschnetzeltes|Rösti|Melange|Gulasch|Radler 0,3",
        "Vollmilch 3,5%|Butter 250g|Brötchen|Vollkornbrot|Gouda Scheiben|Bananen|Tomaten Rispe|Bio Eier 10er|Mineralwasser 6x1,5|Pfand|Pfand 0,25|Joghurt Natur|Nudeln 500g|Kaffee gemahlen|Toilettenpapier|Spülmittel|Zahnpasta|Apfel Elstar|Kartoffeln 2kg|Hackfleisch gem.|Tragetasche|Shampoo|Batterien AA|Schrauben 4x40|Dübel 8mm|Pinsel 50mm|Wandfarbe 5l|Olivenöl|Schokolade|Super E10|Blumenerde 20l",
        "Bäckerei|Gasthaus|Metzgerei|Apotheke|Drogerie|Markt|Café|Restaurant|Baumarkt|Getränkemarkt|Imbiss|Buchhandlung|Konditorei|Brauhaus|Tankstelle|Blumen|Wirtshaus",
        "{kind} {last}|{kind} {german}hof|{kind} Zum {german}|{last} {kind}|{kind} {last} & {last2}|{german}-{kind}",
    ),
    "fr": (
        "Plat du jour|Menu midi|Entrecôte frites|Steak tartare|Croque-monsieur|Salade niçoise|Soupe à l'oignon|Café|Café crème|Noisette|Verre de rouge|Carafe rosé 50cl|Demi pression|Perrier 33cl|Crème brûlée|Tarte tatin|Moules frites|Quiche lorraine|Jus d'orange|Thé vert|Mousse au chocolat|Assiette fromages|Confit de canard|Orangina|Kir cassis",
        "Baguette tradition|Pain complet|Lait demi-écrémé|Beurre doux 250g|Oeufs x6|Camembert|Yaourt nature x4|Pommes Gala|Bananes|Tomates grappe|Jambon blanc|Pâtes 500g|Riz basmati|Café moulu|Eau minérale 6x1,5L|Sac caisse|Lessive|Dentifrice|Papier toilette|Chocolat noir|Piles AA|Shampooing|Vin rouge 75cl|Pain au chocolat|Salade verte",
        "Boulangerie|Brasserie|Café|Bistrot|Pharmacie|Librairie|Boucherie|Épicerie|Fromagerie|Supermarché|Restaurant|Crêperie|Tabac|Quincaillerie|Primeur",
        "{kind} {last}|{kind} du {french}|Au {french} d'Or|{kind} {first}|Chez {first}|Le Petit {french}|{kind} {last} et Fils",
    ),
    "it": (
        "Spaghetti Carbonara|Lasagne|Margherita|Diavola|Quattro Stagioni|Insalata mista|Acqua nat. 1L|Acqua frizzante|Vino rosso 1/2|Birra media|Caffè|Cappuccino|Cornetto|Panna cotta|Gnocchi al pesto|Cotoletta|Caprese|Prosciutto e melone|Ravioli burro salvia|Macchiato|Spritz|Patate fritte|Limoncello|Gelato 2 gusti|Pane|Coperto|Orecchiette|Saltimbocca",
        "Pane casereccio|Latte intero 1L|Mozzarella 125g|Pasta 500g|Passata pomodoro|Olio EVO 1L|Prosciutto cotto|Parmigiano|Mele Golden|Banane|Uova x6|Acqua 6x1,5L|Biscotti|Detersivo|Dentifricio|Shopper bio|Yogurt|Riso 1kg|Vino da tavola|Carta igienica|Reparto 1|Reparto 2",
        "Bar|Pizzeria|Trattoria|Osteria|Panificio|Farmacia|Ferramenta|Pasticceria|Gelateria|Supermercato|Caffè|Libreria|Salumeria",
        "{kind} da {first}|{kind} {italian}|{kind} {last}|Antica {kind} {italian}|{kind} al {italian}",
    ),
    "es": (
        "Tortilla española|Patatas bravas|Croquetas jamón|Paella mixta|Gazpacho|Café con leche|Cortado|Caña|Tinto de verano|Menú del día|Ensalada mixta|Calamares|Bocadillo lomo|Tostada tomate|Agua mineral|Flan casero|Churros|Gambas ajillo|Sangría 1L|Pulpo gallega|Vino de la casa|Zumo naranja|Refresco|Helado",
        "Leche entera|Pan de molde|Huevos L 12|Aceite oliva 1L|Plátanos|Tomate rama|Queso semicurado|Jamón serrano|Yogur natural|Arroz 1kg|Atún lata|Agua 8L|Bolsa plástico|Detergente|Papel higiénico|Galletas|Pechuga pollo|Naranjas malla|Cerveza 6x33|Café molido|Pilas AA",
        "Bar|Restaurante|Cafetería|Panadería|Farmacia|Mesón|Taberna|Supermercados|Ferretería|Librería|Frutería|Estanco|Bodega",
        "{kind} {last}|{kind} El {spanish}|{kind} La {spanish}|Casa {first}|{kind} {first} y {last}|{kind} {spanish}",
    ),
    "nl": (
        "Koffie|Cappuccino|Verse muntthee|Appeltaart|Tosti ham/kaas|Bitterballen 8st|Uitsmijter|Broodje kroket|Friet groot|Biertje 25cl|Witte wijn|Saté kip|Pannenkoek|Tomatensoep|Spa rood|Cola|Hamburger|Dagschotel|Salade geit",
        "Halfvolle melk|Volkoren brood|Jong belegen kaas|Bananen|Tomaten|Scharreleieren|Boter|Pindakaas|Hagelslag|Koffiebonen|Statiegeld|Tasje|Shampoo|Tandpasta|Afwasmiddel|Kipfilet|Aardappelen 3kg|Yoghurt|Bier krat",
        "Café|Eetcafé|Bakkerij|Slagerij|Drogisterij|Supermarkt|Restaurant|Boekhandel|Bloemen|Snackbar|Brasserie",
        "{kind} {last}|{kind} De {dutch}|{kind} 't {dutch}|{last} {kind}|{kind} {first}",
    ),
    "ms": (
        "Nasi Lemak Ayam|Mee Goreng Mamak|Teh Tarik|Kopi O|Roti Canai|Milo Ais|Nasi Kandar|Char Kuey Teow|Satay Ayam 10|Laksa|Limau Ais|Ayam Goreng|Sirap Bandung|Chicken Rice|Wantan Mee|Iced Lemon Tea|Fish Head Curry|Cendol|Tom Yam|Barley Ice|HH Beer Tower|Kailan Ikan Masin",
        "GARDENIA ROTI 400G|GULA PASIR 1KG|MINYAK MASAK 2KG|BERAS 5KG|TISU 4 ROLL|SABUN MANDI|UBAT GIGI|BATERI AA|PAIP PVC 20MM|SKRU 1 INCI|CAT PUTIH 1L|PEN BIRU|BUKU LATIHAN|KERTAS A4 70GSM|PLASTIC BAG|AIR MINERAL 1.5L|TELUR GRED A|SUSU TEPUNG|MENTOL LED 9W|WIRE 1.5MM|GAM PVC|PHOTO FRAME|SILICONE GUN|HOSE CLIP",
        "Restoran|Kedai Kopi|Pasaraya|Farmasi|Hardware|Perniagaan|Kedai Buku|Bistro|Mini Market|Perabot|Stationery|Auto Parts|Book Store|Trading",
        "{kind} {malay}|{kind} {malay} {malay2}|{malay} {kind}|{chinese} {kind}|Syarikat {chinese} {kind}|{chinese} {chinese2} {kind}",
    ),
    "id": (
        "Nasi Goreng Spesial|Mie Ayam Bakso|Ayam Geprek|Sate Ayam 10|Es Teh Manis|Es Jeruk|Kopi Hitam|Cappuccino|Soto Ayam|Gado Gado|Ikan Bakar|Rendang|Cumi Goreng Tepung|Tahu Isi|Pisang Goreng|Jus Alpukat|Nasi Putih|Teh Tawar|Sop Buntut|Capcay|Matcha Latte|Beef Teriyaki|Donut Coklat|Kwetiau Siram|Kerupuk|Bakmi GM|Thai Tea|Ice Cream Vanilla",
        "Beras 5kg|Minyak Goreng 2L|Gula 1kg|Indomie Goreng|Telur 1kg|Susu UHT 1L|Sabun Cair|Pasta Gigi|Shampo Sachet|Tisu|Air Mineral 600ml|Kantong Plastik|Kopi Bubuk|Roti Sobek|Detergen|Baterai AA|Biskuit|Keripik|Cokelat|Kecap Manis",
        "Warung|Rumah Makan|Toko|Kedai|Restoran|Bakery|Minimarket|Cafe|Apotek|Depot|Bakso",
        "{kind} {malay}|{kind} {malay} {malay2}|{malay} {kind}|{kind} Bu {first}|{kind} Pak {first}|{kind} Sari {malay}",
    ),
}  # fmt: skip
_STEMS: Final = {
    "german": "Adler|Hirsch|Löwen|Linden|Rosen|Sonnen|Schwanen|Ochsen|Anker|Engel|Stern",
    "french": "Moulin|Marché|Port|Lion|Soleil|Jardin|Coq|Pont|Cygne|Château|Bouchon",
    "italian": "Bella Vista|Il Gabbiano|Aurora|Da Vinci|La Pergola|Il Faro|San Marco|Portico|Centrale|Belvedere",
    "spanish": "Molino|Sol|Plaza|Puerto|Mar|Parra|Bodeguita|Esquina|Rincón|Olivo|Faro",
    "dutch": "Molen|Zwaan|Haven|Gouden Leeuw|Kroon|Brug|Pelikaan|Linde|Anker|Koning",
    "malay": "Maju|Jaya|Bahagia|Sejahtera|Indah|Murni|Lestari|Sinar|Bintang|Mawar|Seri|Harapan|Abadi|Makmur",
    "chinese": "Hock Seng|Kim Huat|Ban Lee|Soon Heng|Wah Fatt|Yong Chuan|Chop Guan|Tong Hin|Lian Seng|Eng Huat",
}  # fmt: skip


def item(rng: Random, language: str, restaurant: bool) -> str:
    """The name of something on the bill."""
    if not restaurant and language == "en" and rng.random() < 0.25:
        return product(rng)
    source = _SOURCES["en"] if language != "en" and rng.random() < 0.08 else _SOURCES[language]
    name = rng.choice(source[0 if restaurant else 1].split("|"))
    if language == "en" and rng.random() < 0.25:
        name = f"{rng.choice(words.ADJECTIVES).title()} {name}"
    return name


def shop(rng: Random, language: str) -> str:
    """What a shop or a restaurant calls itself, without the ending of a firm."""
    _, _, kinds, names = _SOURCES[language]
    stems = {key: rng.choice(value.split("|")) for key, value in _STEMS.items()}
    return rng.choice(names.split("|")).format(
        kind=rng.choice(kinds.split("|")),
        stem=rng.choice(words.PLACE_STEMS),
        other=rng.choice(words.PLACE_STEMS),
        low=rng.choice(words.PLACE_STEMS).lower(),
        first=rng.choice(words.FIRST_NAMES),
        last=rng.choice(words.LAST_NAMES),
        last2=rng.choice(words.LAST_NAMES),
        malay2=rng.choice(_STEMS["malay"].split("|")),
        chinese2=rng.choice(_STEMS["chinese"].split("|")),
        **stems,
    )
