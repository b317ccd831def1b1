"""Mails: written from MJML, delivered by SMTP or into a folder."""
