"""The texts of push messages and e-mails: typed payloads, translated catalogues, and formatting by locale."""
