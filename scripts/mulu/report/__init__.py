"""The annual report (art. 33) as a document: composed once from the figures, written in many forms."""
