"""*Receipts and VAT* in the settings; the receipts themselves, their file, and the VAT of each month."""
