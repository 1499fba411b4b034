"""Reads how texts sound, short and long: Keepline's reader with its language test, TextBlob and VADER."""
