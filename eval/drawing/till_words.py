"""What tills print, by language: keys of sums, heads, closing lines."""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import Final

from .values import pattern
from .words import FIRST_NAMES

# In `facts`, `closing` and `approval` `#` stands for a digit (but in "No #:"), `@` for a capital
# letter and `~` for a first name.
_SOURCES: Final = {
    "en": """
subtotal: Subtotal|Sub-total|SUBTOTAL|Sub Total|Net sales|Food total|Goods total|Total excl. tax|Items total|Merchandise
discount: Discount|Promo|Member discount|Voucher|Staff discount|Coupon|10% off|Happy hour|Loyalty saving|Multibuy savings
service: Service charge|Service|Service 10%|Optional service 12.5%|Svc Chrg|Serv. charge|Gratuity 18%|Service Chg 10%
rounding: Rounding|Rounding adj|Round off|Cash rounding|Rounding adjustment
total: TOTAL|Total|Total|Total|Amount due|Balance due|Total due|Grand total|TOTAL DUE|Amount payable|Balance to pay|To pay|Net total|Total payable|Total incl. tax|Total amount|Your total|Sale total|Bill total|Order total|AMOUNT|BALANCE|Due
cash: Cash|CASH|Cash tendered|Cash paid|Tendered|Paid cash|Amount tendered|Payment: Cash
change: Change|CHANGE|Change due|Your change|Cash back|Change given
card: Visa|VISA DEBIT|Mastercard|MASTERCARD|Card|Credit card|Debit card|Contactless|Amex|Card payment|Paid by card|Visa credit|EFTPOS|EFT|Card sale
wallet: Apple Pay|Google Pay|Gift card|PayPal|Store credit|GrabPay
count: Items|Item count|No. of items|Total items|Items sold|Qty|Total qty|Number of items
receipt: RECEIPT|Receipt|Sales receipt|TAX INVOICE|Guest check|Bill|Customer copy|Invoice|SALE|*** REPRINT ***|Cash receipt|Duplicate
date: Date|DATE|Date/Time|Dt|Trans date|Invoice date|Printed|Order date|Bill date|Sale date|Opened
time: Time|TIME|Tm
facts: Order ####|Order #: ###|Table ##|Table: #|TABLE NO ##|Tbl ##|Server: ~|Server ~|Cashier: ~|Cashier ##|Check #####|Check #: ####|Chk ####|Guests: #|Guests #|# guests|Covers #|Till #|Till: ##|Terminal ##|Terminal: @##|Reg ##|Register: #|Station #|Clerk ~|Clerk: ##|Host: ~|Receipt no. ######|Receipt #: ####|Receipt: #####|Invoice No: @@######|Trans ######|Transaction: ########|Ticket ####|Bill no ####|POS ##|POS: @@##|Store ####|Store: ###|Op: ###|Operator: ~|You were served by ~|Served by: ~|Sales assoc. ~|Tab ##|Dine in|Eat in|Take away|To go|Takeout|DRIVE THRU|Pickup|Delivery|For here|Customer: ~|Room ###|Ref ######|Doc no: #######|Seat #|Shift #|Pax: #|Queue no. ###|Session ##|Waiter: ~|Emp ###|Lane ##|Bar ##|Member: ########|Party of #
name: Item|Description|Product|Items|Article|ITEM DESCRIPTION
quantity: Qty|QTY|Qnty|Quantity
price: Price|Unit price|Each|@|U/Price|Rate
amount: Amount|Total|Amt|Price|Value|Amount ($)
closing: Thank you|THANK YOU|Thank you for your visit|Thanks for shopping with us!|Thank you, come again|See you soon!|Have a nice day|Please come again|WiFi: @@####|Wifi password: guest####|Free Wi-Fi: customer ####|Tell us how we did|Take our survey and win|Survey code: ####-####|Refunds within ## days with receipt|Goods can be exchanged within ## days|No refunds on sale items|Follow us on Instagram|Like us on Facebook|Please retain this receipt|Customer copy|Merchant copy|Service not included|Tips are welcome|Suggested tip: 15% 18% 20%|Tip ________|Signature ______________|Points earned: ##|Points balance: ####|Loyalty card ########|You could have earned ## points|Prices include VAT|Powered by TillSoft|Open 7 days a week|Opening hours: 9am - 6pm|Book online and save|Call us for catering|Join our rewards program|You saved today!|*** END OF RECEIPT ***|www.~shop.com|Opened by ~|Ask about our gift cards|How was your order today?|We value your opinion
approval: Auth code: ######|AUTH ######|Approval: ######|Approved|APPROVED|AID: A000000003####|Entry: chip|Contactless|TID: ########|MID: #######|PAN SEQ ##|Ref: ############|Verified by PIN|Signature verified|Sale|Card type: debit|TC: @#@#####@#|Cardholder copy|Batch ###
modifier: Extra cheese|No onions|Large|Oat milk|Gluten free|Medium rare|Well done|Side salad|Add bacon|Extra shot|No ice|Spicy|With fries|On the side|Decaf|Less sugar|Regular|Double
group: STARTERS|MAINS|DRINKS|Bar|Food|Desserts|GROCERY|PRODUCE|DAIRY|Household|Seat 1|Kitchen
""",
    "de": """
subtotal: Zwischensumme|Zw.-Summe|Nettobetrag|Summe netto|Warenwert|Netto|Nettosumme
discount: Rabatt|Gutschein|Aktionsrabatt|Nachlass|Stammkundenrabatt|Coupon
service: Bedienung|Servicezuschlag|Bedienungsgeld 10%
rounding: Rundung|Rundungsdifferenz
total: Summe|SUMME|Gesamt|Gesamtbetrag|Zu zahlen|Total|TOTAL|Gesamtsumme|Betrag|Endbetrag|Rechnungsbetrag|Zu bezahlen|Zahlbetrag|Bar-Total|Summe brutto|Endsumme
cash: Bar|BAR|Gegeben|Bar gegeben|Bargeld|Gegeben Bar
change: Rückgeld|Zurück|Wechselgeld|Rückgeld BAR|Retour
card: EC-Karte|Girocard|GIROCARD|Kartenzahlung|Kreditkarte|VISA|Mastercard|Karte|Maestro|EC-Cash|Bankomat
wallet: Gutscheinkarte|PayPal|Apple Pay
count: Anzahl Artikel|Artikel|Positionen|Posten
receipt: RECHNUNG|Rechnung|Kassenbon|Quittung|Beleg|Kundenbeleg|Bewirtungsbeleg|Barverkauf|Kopie
date: Datum|DATUM|Rechnungsdatum|Belegdatum|Dat.|vom
time: Uhrzeit|Zeit
facts: Tisch ##|Tisch: #|Bon-Nr. ####|Bon ######|Beleg-Nr.: ####|Rechnung Nr. #####|Rechnungsnr. ##-####|Kasse ##|Kasse: #|Kassierer: ~|Bediener ##|Bediener: ~|Es bediente Sie: ~|Es bediente Sie ~|Kellner: ~|Filiale ####|Markt: ####|Terminal-ID ########|TA-Nr. ######|Platz #|Gäste: #|Bestellung ###|Außer Haus|Im Haus|Zum Mitnehmen|Kundennr. ######|Vorgang ####|Verkäufer ~|Trace-Nr. ######|Kassen-Nr. #
name: Artikel|Bezeichnung|Leistung|Beschreibung
quantity: Menge|Anz.|Stk
price: E-Preis|Einzel|Preis|à
amount: Betrag|EUR|Gesamt|Summe
closing: Vielen Dank|Vielen Dank für Ihren Einkauf|Vielen Dank für Ihren Besuch|Danke und auf Wiedersehen|Auf Wiedersehen!|Bis bald!|Schönen Tag noch|Umtausch nur mit Kassenbon|Umtausch innerhalb von ## Tagen|WLAN: gast####|WLAN-Passwort: @@######|Trinkgeld ist nicht inbegriffen|Öffnungszeiten: Mo-Sa 8-20 Uhr|Mo - Fr 9.00 - 18.30 Uhr|TSE-Signatur: @#@@##@#@##|TSE-Transaktion: ######|TSE-Start: ##.##.## ##:##|Seriennr. @@#######|Es bediente Sie ~|Punktestand: ###|Sie haben ## Punkte gesammelt|Bewerten Sie uns|Folgen Sie uns|Kundenbeleg|Ort, Datum, Unterschrift|Angaben zur Bewirtung|Steuernummer siehe oben|Alle Preise inkl. MwSt.|* reduzierter Steuersatz|Besuchen Sie uns wieder!
approval: Genehmigungs-Nr. ######|Genehmigt|Zahlung erfolgt|Kontaktlos|Beleg-Nr. ####|Karte gültig bis ##/##|AID: A000000359####|VU-Nr. #########|AS-Proc-Code = 00 ### 00|Autorisierung ######|Kartennr. ############|TA-Nr. ######
modifier: ohne Zwiebeln|extra Käse|mit Pommes|groß|klein|laktosefrei|scharf|ohne Eis|mit Sahne|extra Soße
group: Speisen|Getränke|Lebensmittel|Obst & Gemüse|Küche|Theke
""",
    "fr": """
subtotal: Sous-total|SOUS-TOTAL|Total HT|Montant HT|Total hors taxes
discount: Remise|Réduction|Remise fidélité|Bon d'achat|Promo
service: Service|Service 15%|Frais de service
rounding: Arrondi
total: Total TTC|TOTAL TTC|TOTAL|Total|Net à payer|NET A PAYER|A payer|Montant dû|TOTAL A PAYER|Reste à payer|Montant TTC|Total EUR|MONTANT
cash: Espèces|ESPECES|Payé espèces|Reçu
change: Rendu|Monnaie|A rendre|Rendu monnaie|Monnaie rendue
card: CB|Carte bancaire|CARTE BANCAIRE|Carte bleue|VISA|Sans contact|CB sans contact
wallet: Titre restaurant|Ticket resto|Carte cadeau|Chèque
count: Nombre d'articles|Articles|Nb art.|Nombre de lignes
receipt: TICKET|Ticket de caisse|FACTURE|Note|Addition|Duplicata|Reçu client|Ticket client
date: Date|DATE|Le|Edité le|Date d'achat
time: Heure|à
facts: Table ##|Table: #|TABLE N° ##|Couverts: #|Couvert(s) #|Ticket N° #####|Ticket: ####|Caisse ##|Caisse: #|Caissier: ~|Serveur: ~|Serveur ~|Vendeur ~|Facture n° ####|Note n° ####|Commande ###|Magasin ####|Sur place|A emporter|Opérateur ##|Client: ~|Terminal ##|Servi par ~|N° trans. ######|Hôtesse ##
name: Désignation|Article|Produit|Libellé
quantity: Qté|QTE|Quantité
price: P.U.|Prix|PU TTC
amount: Montant|Total|EUR|Prix TTC
closing: Merci de votre visite|Merci et à bientôt|MERCI|Au revoir|Bonne journée|A bientôt !|Merci de votre confiance|Échange sous ## jours|Ni repris ni échangé|Service compris|Prix nets, service compris|WiFi: client####|Code wifi: @@####|Votre avis nous intéresse|Suivez-nous|Points fidélité: ###|Cumul points: ####|Ouvert du lundi au samedi|Conservez ce ticket|Ticket à conserver|La maison n'accepte plus les chèques|Capital de ##### euros|RCS @@@@@ ### ### ###|Donnez votre avis en ligne|Exemplaire client
approval: N° auto: ######|AUTORISATION ######|Paiement accepté|DEBIT|SANS CONTACT|A00000000421##|No. #######|Ticket client à conserver|Montant réel
modifier: Saignant|A point|Sans glace|Sauce au poivre|Supplément fromage|Sans oignons|Lait d'avoine|Frites|Bien cuit
group: Entrées|Plats|Boissons|Desserts|Epicerie|Fruits et légumes
""",
    "it": """
subtotal: Subtotale|SUBTOTALE|Imponibile|Totale parziale
discount: Sconto|SCONTO|Buono sconto|Abbuono
service: Coperto|Servizio|Servizio 10%|Coperti
rounding: Arrotondamento
total: Totale|TOTALE|TOTALE EURO|Totale complessivo|TOTALE COMPLESSIVO|Importo totale|Da pagare|Totale da pagare|Totale EUR|Importo pagato|TOT. COMPLESSIVO
cash: Contanti|CONTANTI|Contante|Pagamento contante|Pagato contanti
change: Resto|RESTO
card: Carta di credito|Pagamento elettronico|Bancomat|PAGOBANCOMAT|Carta|POS
wallet: Buono pasto|Ticket restaurant|Satispay
count: N. pezzi|Articoli|Totale pezzi|Numero articoli
receipt: DOCUMENTO COMMERCIALE|Scontrino|Ricevuta|Preconto|di vendita o prestazione|Conto|Copia
date: Data|DATA|Data e ora|del
time: Ora|ore
facts: Tavolo ##|Tavolo: #|TAV. ##|Coperti: #|Cassa ##|Cassiere: ~|Cameriere: ~|Operatore ~|Op. ##|Scontrino n. ####|DOC. N. ####-####|Documento N. ####-####|Sc. N. ##|RT 99@@@######|Ordine ###|Ricevuta n. ###|Asporto|Negozio ###|Comanda ##|Reparto #
name: Descrizione|DESCRIZIONE|Articolo
quantity: Qta|Q.tà|Pz
price: Prezzo|Prezzo unit.|Cad.
amount: Importo|Prezzo(€)|Totale|Prezzo
closing: Grazie|GRAZIE E A PRESTO|Grazie per la visita|Arrivederci|A presto!|Buona giornata|Si prega di conservare lo scontrino|Cambio merce entro ## giorni|WiFi: ospiti####|Password wifi: @@####|Punti accumulati: ###|Carta fedeltà ########|Seguici su Instagram|Lasciaci una recensione|Aperto tutti i giorni|Documento non fiscale|Codice lotteria|Server RT ######|Mancia ______
approval: Autorizzazione ######|Transazione eseguita|AUT. ######|Copia cliente|Acquirer id ###########|STAN ######|A.I.I.C. ########
modifier: senza glutine|doppia mozzarella|senza cipolla|ben cotta|aggiunta prosciutto|macchiato|senza ghiaccio|media
group: Antipasti|Primi|Bevande|Cucina|Bar|Alimentari
""",
    "es": """
subtotal: Subtotal|SUBTOTAL|Base imponible|Suma|Total sin IVA
discount: Descuento|Dto.|Promoción|Cupón
service: Servicio|Suplemento terraza|Cubierto|Servicio 10%
rounding: Redondeo
total: TOTAL|Total|Total a pagar|TOTAL A PAGAR|Importe total|TOTAL (€)|Total EUR|Importe|Total factura|TOTAL COMPRA|Total con IVA
cash: Efectivo|EFECTIVO|Entregado|Entrega|Recibido
change: Cambio|CAMBIO|Devolución|Su cambio
card: Tarjeta|TARJETA|Tarjeta bancaria|Visa|Tarjeta crédito|T. débito
wallet: Bizum|Vale|Tarjeta regalo|Cheque gourmet
count: Artículos|Nº artículos|Total unidades|Unidades
receipt: FACTURA SIMPLIFICADA|Factura simplificada|TICKET|Cuenta|Copia cliente|Proforma|Fra. simplificada
date: Fecha|FECHA|Fecha/Hora|F.
time: Hora|HORA
facts: Mesa ##|Mesa: #|MESA T#|Comensales: #|Camarero: ~|Le atendió ~|Le atendió: ~|Cajero ##|Cajera: ~|Caja ##|Ticket ######|Nº ticket: ####|Factura: @-#####|Nº op. ######|Pedido ###|Tienda ####|Vendedor ~|Sala #|Para llevar|Terminal ##|Cliente: ~|Dependiente: ##
name: Descripción|Artículo|Producto|Concepto
quantity: Cant.|Ud.|Uds|Cantidad
price: Precio|P.Unit|PVP
amount: Importe|Total|€|Imp.
closing: Gracias por su visita|GRACIAS|Gracias por su compra|Vuelva pronto|Hasta pronto|Buen provecho|IVA incluido|Cambios en ## días con ticket|No se admiten devoluciones|Guarde su ticket|WIFI: cliente####|Clave wifi: @@####|Valore su visita|Síganos en redes sociales|Puntos acumulados: ###|Abierto de lunes a sábado|Propina no incluida|Precios con IVA incluido|Exija su ticket
approval: Autorización ######|Nº Aut. ######|OPERACION CONTACTLESS|ARC: 00|AID: A000000004####|Firma no necesaria|Venta|Comercio #########
modifier: sin cebolla|poco hecho|con hielo|sin gluten|extra queso|descafeinado|leche de avena|muy hecho
group: Raciones|Bebidas|Postres|Cocina|Frutería|Barra
""",
    "nl": """
subtotal: Subtotaal|SUBTOTAAL|Totaal excl. btw|Netto
discount: Korting|Bonus|Actiekorting|Kortingsbon
service: Servicekosten|Bediening
rounding: Afronding|Afrondingsverschil
total: Totaal|TOTAAL|Te betalen|Totaal te betalen|Totaal EUR|Totaalbedrag|Eindtotaal|Bedrag|Totaal incl. btw
cash: Contant|CONTANT|Contant betaald|Ontvangen
change: Wisselgeld|Terug|Retour
card: PIN|Pinnen|Bankpas|V PAY|Maestro|Creditcard|Betaald met pin
wallet: Cadeaukaart|Cadeaubon|iDEAL
count: Aantal artikelen|Artikelen|Aantal
receipt: KASSABON|Kassabon|Bon|Rekening|Factuur|Kopie
date: Datum|DATUM|Dat
time: Tijd|Tijdstip
facts: Tafel ##|Tafel: #|Bon ######|Bonnr. ####|Kassa ##|Kassa: #|Medewerker ~|U bent geholpen door ~|Filiaal ####|Transactie ######|Terminal @@####|Bestelling ###|Afhalen|Ober: ~|Gasten: #
name: Omschrijving|Artikel|Product
quantity: Aantal|Aant.
price: Prijs|Stuksprijs
amount: Bedrag|Totaal|EUR
closing: Bedankt en tot ziens|Dank u wel|Tot ziens|Bedankt voor uw bezoek|Fijne dag nog|Ruilen binnen ## dagen met bon|Bewaar uw kassabon|WiFi: gasten####|Volg ons op Instagram|Spaarpunten: ###|Open van ma t/m za|Deel uw mening|Fooi is niet inbegrepen|KLANTTICKET
approval: Autorisatiecode: ######|Akkoord|Kaart: ############|Betaling|Leesmethode CHIP|Contactloos|Periode: ####|Transactie: ########
modifier: zonder ui|extra kaas|met slagroom|groot|glutenvrij|havermelk|zonder ijs
group: Dranken|Gerechten|Keuken|Zuivel
""",
    "ms": """
subtotal: Sub Total|Subtotal|Jumlah kecil|Total Sales (Excl GST)|Total Excl. SST|Sub-Total (RM)|Total before tax
discount: Diskaun|Discount|Disc|Less discount|Member disc 5%
service: Service Charge 10%|Svc Chg 10%|Caj perkhidmatan|Service Charge
rounding: Rounding Adj|Rounding|Pelarasan|Rounding Adjustment|Bundaran
total: Jumlah|JUMLAH|Total|TOTAL|Jumlah besar|Grand Total|TOTAL RM|Net Total|Total Incl. GST|Total Amount|Nett Total|Amount Due|Jumlah perlu dibayar|TOTAL SALES (INCL. SST)|Round'd Total|Amt Payable|TOTAL AMT
cash: Tunai|CASH|Cash|Bayaran tunai|Cash Received|Paid
change: Baki|CHANGE|Change|Wang baki|Balance
card: Kad kredit|VISA CARD|Master|Kad debit|Credit Card|MyDebit
wallet: Touch n Go|e-Wallet|Boost|GrabPay
count: Item(s)|Total Qty|Bil. item|Item count|Total Quantity|No of Item
receipt: TAX INVOICE|RESIT|INVOICE|CASH BILL|Resit rasmi|CASH SALES|SIMPLIFIED TAX INVOICE|OFFICIAL RECEIPT
date: Tarikh|Date|DATE|Inv Date|Date/Time|Tarikh/Masa|BIZDATE
time: Masa|Time
facts: Invoice No : @@######|No. resit: ######|Bill No: @###-####|Cashier : ~|CASHIER: ADMIN|Juruwang: ~|Counter : ##|Kaunter ##|Meja: ##|Table : ##|TABLE NO : @##|Pax : #|POS NO:#|Salesperson : ~|Member : ########|Trans : ######|Order ####|ORDER NO : ####|Doc No. : @@#######|Receipt #: ########|Terminal ##|Ref : CASH|Attn : CASH|Waiter: ~|Take Away|Dine In|Shift: #|M/C No ####
name: Item|Description|Barang|Perkara|DESC/ITEM|Code/Desc
quantity: Qty|QTY|Kuantiti|Unit
price: Price|U.Price|Harga|S/Price
amount: Amount|Amt(RM)|RM|Jumlah|Total (RM)
closing: Terima kasih|TERIMA KASIH, SILA DATANG LAGI|Thank you, come again|Sila datang lagi|Barang yang dijual tidak boleh ditukar|Exchange within # days with receipt|Thank you for choosing us|Sila simpan resit ini|GST summary|WiFi: tetamu####|Customer service hotline 1800-##-####|This is a computer generated receipt|No signature required|Like us on Facebook|Points : ###|Perniagaan beroperasi setiap hari|Cash refund is not allowed
approval: Approval code ######|APPR CODE: ######|TID ########|Batch ######|Ref no. ############|Trace no ######|No signature required
modifier: Kurang manis|Tambah telur|Panas|Sejuk|Pedas|Bungkus|Less ice|Kosong
group: FOOD|BEVERAGE|Makanan|Minuman|Others
""",
    "id": """
subtotal: Subtotal|SUB TOTAL|Sub Total|Jumlah|Total Item|SUBTTL|Total Belanja
discount: Diskon|Disc|Potongan|Discount 10%|Promo|Voucher|Disc member
service: Service|Service 5%|Svc Charge|Biaya layanan|SERVICE CHARGE
rounding: Pembulatan|Rounding
total: Total|TOTAL|Grand Total|Jumlah|Total Bayar|Total Tagihan|JUMLAH TOTAL|Total Akhir|Harus dibayar|TOTAL DUE|Net Total
cash: Tunai|CASH|Bayar|Cash|Uang tunai|TUNAI|Dibayar
change: Kembali|KEMBALI|Kembalian|CHANGE|Uang kembali
card: Debit BCA|Kartu kredit|Debit Mandiri|EDC BNI|CREDIT CARD|Kartu debit|Visa
wallet: GoPay|OVO|QRIS|DANA|ShopeePay
count: Total item|Item|Jml item|Total Qty|Items|QTY TTL
receipt: STRUK|Nota|BILL|Struk penjualan|Faktur|Receipt|Salinan
date: Tanggal|Tgl|TGL|Date|Tgl/Jam
time: Jam|Pukul|Waktu
facts: Order ####|No. nota: ######|Struk ######|Meja: ##|Meja ##|Table: ##|Kasir: ~|Kasir ~|Kasir : ##|Pelayan: ~|Pax: #|Tamu: #|No. Bill ######|POS ##|Terminal ##|Shift #|Trx ######|Antrian ##|Dine In|Take Away|Bungkus|Makan di tempat|Cabang ###|Customer: ~|Member ######|Waiter ~
name: Nama barang|Item|Menu|Produk
quantity: Qty|Jml|QTY
price: Harga|@|Hrg
amount: Jumlah|Total|Subtotal|Sub
closing: Terima kasih|TERIMA KASIH|Terima kasih atas kunjungan Anda|Selamat menikmati|Sampai jumpa lagi|Barang yang sudah dibeli tidak dapat ditukar|Wifi: tamu####|Password: @@####|Pass wifi: kopi####|Kritik dan saran 08##########|Follow IG kami|Layanan konsumen 0800-#-######|Harga sudah termasuk pajak|Poin Anda: ###|Simpan struk ini|Closed Bill|--- LUNAS ---|Buka setiap hari 10.00 - 22.00
approval: Kode approval ######|APPR: ######|No. ref ############|TID ########|Trace ######|PIN verification success
modifier: Less sugar|Extra pedas|Tanpa es|Level 3|Tambah keju|Panas|Large|Pakai telur
group: MAKANAN|MINUMAN|Food|Beverage|Paket
""",
}


def printed(rng: Random, language: str, name: str) -> str:
    """One of the wordings of `name`, as it is."""
    return rng.choice(wordings(language)[name])


@cache
def wordings(language: str) -> dict[str, tuple[str, ...]]:
    """All wordings of a language: of sums (`total`, `cash`), of heads (`facts`) and the rest."""
    rows = (line.split(": ", 1) for line in _SOURCES[language].strip().splitlines())
    return {name: tuple(texts.split("|")) for name, texts in rows}


def filled(rng: Random, language: str, name: str) -> str:
    """One of the wordings of `name` with its numbers and names filled in."""
    parts = re.split(r"(?<= )(#)(?=:)", printed(rng, language, name))
    text = "#".join(pattern(rng, part) for part in parts[::2])
    return text.replace("~", rng.choice(FIRST_NAMES))


LANGUAGES: Final = tuple(_SOURCES)
"""That receipts are printed in."""
