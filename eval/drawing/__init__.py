"""Documents that we draw ourselves: forms and invoices with gold labels, for training and tests.

`forms.draw_form` and `invoices.draw_invoice` lay a document out from a seed and return a `Drawing`:
segments with words, boxes and FUNSD labels, computed from font metrics alone. `render.render` turns
a drawing into a picture and `pdf.write_pdf` into a PDF with a text layer, where pixels are wanted.
"""
