#!/usr/bin/env python3
"""Writes numbers.txt: identity numbers that python-stdnum 2.2 calls valid, and some with one digit changed
that it does not.

    pip install python-stdnum==2.2 && python3 make-numbers.py > numbers.txt

A line is TYPE NUMBER 0|1. The numbers are made up: drawn at random until the check digits fit.
"""
import importlib
import random
import string

random.seed(20261120)


def digits(n):
    return "".join(random.choice(string.digits) for _ in range(n))


def letters(n):
    return "".join(random.choice(string.ascii_uppercase) for _ in range(n))


def date():
    return f"{random.randint(50, 99):02}{random.randint(1, 12):02}{random.randint(1, 28):02}"


def reverse_date():
    text = date()
    return text[4:] + text[2:4] + text[:2]


MAKERS = {
    "AR_CUIT": ("ar.cuit", lambda: random.choice(["20", "23", "27"]) + digits(9)),
    "AT_SVNR": ("at.vnr", lambda: digits(4) + reverse_date()),
    "AU_TFN": ("au.tfn", lambda: digits(9)),
    "BE_NATIONAL_NUMBER": ("be.nn", lambda: date() + digits(5)),
    "BG_EGN": ("bg.egn", lambda: date() + digits(4)),
    "BR_CNPJ": ("br.cnpj", lambda: digits(14)),
    "BR_CPF": ("br.cpf", lambda: digits(11)),
    "CA_SIN": ("ca.sin", lambda: digits(9)),
    "CH_AHV": ("ch.ssn", lambda: "756" + digits(10)),
    "CL_RUT": ("cl.rut", lambda: digits(8) + random.choice(string.digits + "K")),
    "CN_RESIDENT_ID": ("cn.ric", lambda: "11010519" + date() + digits(3) + random.choice(string.digits + "X")),
    "CZ_RODNE_CISLO": ("cz.rc", lambda: date() + digits(4)),
    "DE_TAX_ID": ("de.idnr", lambda: digits(11)),
    "EE_ISIKUKOOD": ("ee.ik", lambda: random.choice("34") + date() + digits(4)),
    "ES_DNI": ("es.dni", lambda: digits(8) + letters(1)),
    "ES_NIE": ("es.nie", lambda: random.choice("XYZ") + digits(7) + letters(1)),
    "FI_HETU": ("fi.hetu", lambda: reverse_date() + "-" + digits(3) + random.choice("0123456789ABCDEFHJKLMNPRSTUVWXY")),
    "FR_NIR": ("fr.nir", lambda: random.choice("12") + date()[:4] + digits(10)),
    "GB_NHS": ("gb.nhs", lambda: digits(10)),
    "GR_AMKA": ("gr.amka", lambda: reverse_date() + digits(5)),
    "HR_OIB": ("hr.oib", lambda: digits(11)),
    "IE_PPS": ("ie.pps", lambda: digits(7) + letters(1)),
    "IL_ID": ("il.idnr", lambda: digits(9)),
    "IN_AADHAAR": ("in_.aadhaar", lambda: digits(12)),
    "IT_CODICE_FISCALE": (
        "it.codicefiscale",
        lambda: letters(6) + digits(2) + random.choice("ABCDEHLMPRST") + f"{random.randint(1, 28):02}" + letters(1)
        + digits(3) + letters(1),
    ),
    "KR_RRN": ("kr.rrn", lambda: date() + random.choice("12") + digits(6)),
    "NL_BSN": ("nl.bsn", lambda: digits(9)),
    "NO_FODSELSNUMMER": ("no.fodselsnummer", lambda: reverse_date() + digits(5)),
    "PL_PESEL": ("pl.pesel", lambda: date() + digits(5)),
    "SE_PERSONNUMMER": ("se.personnummer", lambda: date() + digits(4)),
    "SI_EMSO": ("si.emso", lambda: reverse_date()[:4] + "9" + digits(8)),
    "TR_TCKN": ("tr.tckimlik", lambda: digits(11)),
    "ZA_ID": ("za.idnr", lambda: date() + digits(4) + "0" + digits(2)),
}

for name, (module, make) in sorted(MAKERS.items()):
    valid = importlib.import_module("stdnum." + module).is_valid
    found = []
    while len(found) < 8:
        number = make()
        if valid(number) and len(set(number)) > 2:
            found.append(number)
    for number in found:
        print(name, number, 1)
    wrong = 0
    while wrong < 4:
        number = random.choice(found)
        place = random.choice([i for i, sign in enumerate(number) if sign.isdigit()])
        changed = number[:place] + str((int(number[place]) + random.randint(1, 9)) % 10) + number[place + 1 :]
        if not valid(changed):
            print(name, changed, 0)
            wrong += 1
