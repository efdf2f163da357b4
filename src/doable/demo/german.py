"""The account in German: Robin Hartmann, who designs things in Leipzig, with a balcony and a journey ahead."""

from typing import Final

from doable.demo.content import (
    FRIDAY,
    MONDAY,
    SATURDAY,
    SUNDAY,
    THURSDAY,
    WEDNESDAY,
    Content,
    Filter,
    List,
    Section,
    Series,
    Task,
    Words,
    day,
    day_of_month,
    weekday,
    workday,
)

INBOX: Final = (
    Task("Nora wegen Samstag zurückrufen", due=day(0), tags=("telefon",), minutes=10, priority="medium"),
    Task("Jonas die Bohrmaschine zurückbringen", tags=("unterwegs",)),
    Task("Mama die Fotos vom Wochenende schicken", due=day(1), tags=("schnell",), minutes=15),
    Task(
        "Das Buch über Landkarten aus dem Podcast",
        "Irgendwas mit *Atlas* im Titel. Folge 112, kurz vor Schluss.",
        url="https://example.com/podcast/112",
    ),
    Task("Bibliotheksausweis verlängern", due=workday(6), tags=("unterwegs",), minutes=20),
    Task("Paket an Tante Ruth aufgeben", done=0, tags=("unterwegs",)),
    Task("Sam nach dem Elektriker fragen", done=2, tags=("telefon",)),
    Task("Handy sichern", done=9, tags=("schnell",)),
    Task("Konzertkarten ausdrucken", done=16),
)

RELAUNCH: Final = List(
    name="Neue Website",
    color="#4f6bed",
    group="Arbeit",
    sections=(
        Section(
            "Zu tun",
            (
                Task("Text für den Newsletter schreiben", due=workday(8), tags=("konzentriert",), minutes=90),
                Task(
                    "Alte Adressen weiterleiten",
                    "Alles unter `/blog/*` und die drei Kampagnenseiten. Die Liste liegt im gemeinsamen Ordner.\n\n"
                    "- [x] aus dem alten System exportiert\n- [ ] Zuordnung\n- [ ] mit Priya durchgehen",
                    due=workday(9),
                    priority="medium",
                    minutes=120,
                    url="https://example.com/relaunch/weiterleitungen",
                ),
                Task("Fotos für die Teamseite aussuchen", tags=("schnell",), minutes=30),
                Task("Cookie-Hinweis: Brauchen wir überhaupt einen?", tags=("wartet",), priority="low"),
            ),
        ),
        Section(
            "In Arbeit",
            (
                Task(
                    "Startseite fürs Handy fertig machen",
                    "Was nach der letzten Runde noch fehlt:\n\n"
                    "1. der Kopf braucht unter 360 px **zu viel Platz**\n"
                    "2. Zitate: eine Spalte, kein Karussell\n"
                    "3. Überschriften eine Stufe leichter probieren\n\n"
                    "> Weniger reicht. Im Zweifel weglassen. (Priya)",
                    due=day(0),
                    time="15:00",
                    priority="high",
                    tags=("konzentriert",),
                    minutes=180,
                    remind=("-PT30M",),
                    url="https://example.com/relaunch/startseite",
                    below=(
                        Task("Kopf unter 360 px", done=1, minutes=45),
                        Task("Zitate in einer Spalte", minutes=30),
                        Task("Leichtere Überschriften im Vergleich", minutes=30),
                    ),
                ),
                Task(
                    "Englische Texte Korrektur lesen",
                    due=day(-1),
                    priority="medium",
                    minutes=60,
                    tags=("konzentriert",),
                    remind=("PT0M",),
                ),
            ),
        ),
        Section(
            "In Prüfung",
            (
                Task("Kontaktformular", "Liegt seit gestern bei Ben.", due=workday(2), tags=("wartet",)),
                Task("Preistabelle", "Das Kleingedruckte muss *über* den Knopf.", tags=("wartet",)),
                Task("Farben mit genug Kontrast", done=3, tags=("konzentriert",), minutes=120),
            ),
        ),
        Section(
            "Start",
            (
                Task("Texte einfrieren", due=weekday(FRIDAY, weeks=1), priority="high"),
                Task(
                    "Online gehen",
                    "Nicht an einem Freitag. Ben hat Bereitschaft, Priya schreibt den Beitrag.",
                    due=weekday(WEDNESDAY, weeks=2),
                    time="10:00",
                    priority="high",
                    remind=("-P1D", "-PT1H"),
                    below=(
                        Task("TTL der DNS-Einträge senken", due=weekday(MONDAY, weeks=2)),
                        Task("Umschalten und eine Stunde lang ins Fehlerprotokoll schauen"),
                        Task("Kuchen für alle"),
                    ),
                ),
            ),
        ),
    ),
    tasks=(
        Task("Auftakt mit dem ganzen Team", done=40),
        Task("Gespräche mit fünf Kundinnen und Kunden", done=31, minutes=300),
        Task("Erste Skizzen auf Papier", done=27, tags=("konzentriert",)),
        Task("Seitenplan", done=20, url="https://example.com/relaunch/seitenplan"),
        Task("Auf eine Schrift einigen", done=12),
        Task("Karussell für die Zitate", "Auf das dritte wartet niemand.", done=8, is_cancelled=True),
    ),
)

TEAM: Final = List(
    name="Team",
    color="#8b5cf6",
    group="Arbeit",
    tasks=(
        Task(
            "Wochenrückblick",
            "**Jede** Liste einmal ansehen:\n\n- Was hängt, und wer kann helfen?\n- Was kann weg?\n- Drei Dinge für nächste Woche",
            due=weekday(FRIDAY),
            time="16:00",
            minutes=45,
            remind=("-PT15M",),
            series=Series(rule="FREQ=WEEKLY;BYDAY=FR", since=38),
        ),
        Task(
            "Gespräch unter vier Augen mit Priya",
            "Sie möchte mehr forschen. Liste der Kurse mitnehmen.",
            due=weekday(THURSDAY),
            time="11:00",
            minutes=30,
            series=Series(rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", since=45),
        ),
        Task(
            "Rückmeldung für Ben", due=day(-2), priority="medium", minutes=40, tags=("konzentriert",), remind=("PT0M",)
        ),
        Task("Die drei Bewerbungen lesen", due=workday(1), priority="high", minutes=60, tags=("konzentriert",)),
        Task("Raum für die Klausur buchen", due=workday(5), tags=("telefon",), minutes=20),
        Task("Rechnung für letzten Monat: 38 Stunden", tags=("wartet",), due=workday(-6), done=4),
        Task("Spesen: Bahnfahrt nach Kassel", due=day_of_month(5), tags=("schnell",), minutes=15),
        Task("Aisha wegen des offenen Abends antworten", done=0, minutes=10, tags=("schnell",)),
        Task("Dankeskarte für Aisha", done=6, tags=("unterwegs",)),
        Task("Folien für den offenen Abend", done=14, minutes=150, tags=("konzentriert",)),
    ),
)

GROCERIES: Final = List(
    name="Einkaufen",
    color="#2a9d8f",
    group="Zuhause",
    sections=(
        Section("Obst und Gemüse", (Task("Zitronen"), Task("Spinat"), Task("Äpfel, die sauren"))),
        Section("Kühlregal", (Task("Hafermilch", "Zwei Packungen, ungesüßt"), Task("Feta"), Task("Butter", done=3))),
        Section("Vorrat", (Task("Kaffeebohnen", priority="medium"), Task("Linsen"), Task("Reis", done=3))),
        Section("Bäcker", (Task("Roggenbrot", due=weekday(SATURDAY)), Task("Brezeln", done=10))),
    ),
)

HOUSEHOLD: Final = List(
    name="Haushalt",
    color="#e76f51",
    group="Zuhause",
    tasks=(
        Task(
            "Pflanzen gießen",
            "Der Farn braucht *weniger*, als man denkt, der Zitronenbaum mehr.",
            due=day(0),
            minutes=10,
            tags=("schnell",),
            series=Series(rule="FREQ=DAILY;INTERVAL=3", since=30),
        ),
        Task(
            "Miete",
            due=day_of_month(1),
            priority="high",
            remind=("-P1D",),
            series=Series(rule="FREQ=MONTHLY;BYMONTHDAY=1", since=54),
        ),
        Task(
            "Bett neu beziehen",
            due=weekday(SUNDAY),
            minutes=20,
            series=Series(rule="FREQ=WEEKLY;INTERVAL=2", since=40),
        ),
        Task(
            "Wasserkocher entkalken",
            due=day(9),
            minutes=15,
            series=Series(rule="FREQ=MONTHLY", since=5, counts_from="completion"),
        ),
        Task("Regal im Flur aufhängen", "Braucht die Bohrmaschine. Siehe Jonas.", due=weekday(SATURDAY), minutes=60),
        Task(
            "Zahnärztin",
            "Hügelstraße 12, zweiter Stock. Karte mitnehmen.",
            due=workday(11),
            time="08:30",
            remind=("-P1D", "-PT2H"),
        ),
        Task("Alte Farbe zum Wertstoffhof bringen", tags=("unterwegs",), due=day(-3), minutes=45),
        Task("Strompreise vergleichen", priority="low", start=day(20), url="https://example.com/strom"),
        Task("Grauen Pullover flicken", priority="low"),
        Task("Heizkörper entlüften", done=11, minutes=30),
        Task("Neue Batterien für die Rauchmelder", done=19, tags=("schnell",)),
    ),
)

BALCONY: Final = List(
    name="Balkon",
    color="#6a994e",
    group="Zuhause",
    tasks=(
        Task(
            "Kästen fürs nächste Jahr planen",
            "| Kasten | Sonne | Idee |\n| --- | --- | --- |\n| links | morgens | Kräuter |\n| Mitte | mittags | Chilis |\n"
            "| rechts | abends | Erdbeeren |",
            minutes=40,
            below=(
                Task("Kästen maßstäblich zeichnen", done=5),
                Task(
                    "Samen bestellen",
                    url="https://example.com/samen",
                    below=(Task("Thymian und Salbei"), Task("Pimientos"), Task("Nora nach ihren Erdbeeren fragen")),
                ),
            ),
        ),
        Task("Rankgitter reparieren", due=weekday(SUNDAY, weeks=1), minutes=60),
        Task("Holzbank ölen", start=day(9), minutes=50),
        Task("Vogelhaus wieder aufhängen", done=7, tags=("schnell",)),
    ),
)

LISBON: Final = List(
    name="Lissabon",
    color="#f4a261",
    group="Reisen",
    tasks=(
        Task(
            "Reise buchen",
            "Am Donnerstag los, am Dienstag darauf zurück.",
            due=day(3),
            priority="high",
            tags=("konzentriert",),
            below=(
                Task("Nachtzug und Flug vergleichen", done=2, minutes=40),
                Task("Die zwei Tage Urlaub beantragen", done=4),
                Task(
                    "Wohnung finden",
                    "Am liebsten bei Graça, **nicht** im Erdgeschoss.",
                    due=day(2),
                    url="https://www.openstreetmap.org/#map=16/38.7169/-9.1300",
                    below=(
                        Task("Die mit der blauen Tür anfragen", tags=("wartet",)),
                        Task("Bewertungen der anderen beiden lesen", minutes=20),
                    ),
                ),
                Task("Plätze am Fenster", tags=("schnell",)),
            ),
        ),
        Task("Auslandskrankenversicherung: Gilt die noch?", due=workday(7), tags=("telefon",)),
        Task("Ist der Ausweis bis dahin gültig?", done=13),
        Task(
            "Was wir sehen wollen",
            "Langsam. **Zwei Dinge am Tag**, und lange Mittagessen.",
            below=(
                Task("Fliesenmuseum", url="https://de.wikipedia.org/wiki/Museu_Nacional_do_Azulejo"),
                Task("Straßenbahn 28, früh am Morgen"),
                Task("Ausflug nach Sintra", "Mit dem Zug ab Rossio, zurück vor der Dunkelheit.", minutes=480),
                Task("Sonnenuntergang am Miradouro da Graça"),
            ),
        ),
        Task("Zwanzig Wörter Portugiesisch lernen", due=day(21), minutes=15, tags=("schnell",)),
        Task(
            "Packliste",
            due=day(33),
            start=day(28),
            below=(Task("Gute Schuhe"), Task("Adapter"), Task("Badesachen")),
        ),
    ),
)

READING: Final = List(
    name="Lesen und sehen",
    color="#b5838d",
    tasks=(
        Task("Das Sommerbuch, Tove Jansson", "Ein Geschenk von Nora. Seite 48."),
        Task("How buildings learn, Stewart Brand", priority="low"),
        Task("Die lange Reportage über Fähren", url="https://example.com/faehren", minutes=35),
        Task("Ausstellung: Plakate der Siebziger", "Bis Ende nächsten Monats. Mit Sam?", due=day(24)),
        Task("Piranesi, Susanna Clarke", done=22),
    ),
)

MOVE: Final = List(
    name="Umzug in die Ulmenstraße",
    color="#8d99ae",
    group="Zuhause",
    is_archived=True,
    tasks=(
        Task("Alte Wohnung kündigen", done=50),
        Task("Kisten aus dem Keller", done=47),
        Task(
            "Allen die neue Adresse sagen",
            done=44,
            below=(Task("Bank", done=45), Task("Versicherung", done=45), Task("Finanzamt", done=44)),
        ),
        Task("Küche streichen", "Zweimal, in *Kreideweiß*.", done=43, minutes=300),
        Task("Einweihungsfest", done=29),
    ),
)

WORDS: Final = Words(
    group="Alles andere",
    large_list="Gesammelt",
    lists=(
        *("Studio", "Kundschaft", "Buchhaltung", "Veranstaltungen", "Werkstatt", "Fotos", "Rezepte", "Geschenke"),
        *("Fahrrad", "Keller", "Chor", "Nachbarschaft"),
    ),
    what=(
        *("{}: anrufen", "{}: aufschreiben, was fehlt", "{}: nachsehen", "{}: bestellen", "{}: abholen"),
        *("{}: aufräumen", "{}: Preise vergleichen", "{}: planen", "{}: bezahlen", "{}: nachfragen"),
        *("{}: fotografieren", "{}: jemanden finden", "{}: nachlesen", "{}: wegwerfen", "{}: reparieren"),
        *("{}: verschicken", "{}: suchen", "{}: putzen", "{}: ausmessen", "{}: zeichnen", "{}: beschriften"),
        *("{}: kopieren", "{}: zurückbringen", "{}: erneuern", "{}: überlegen"),
    ),
    subjects=(
        *(
            "Blauer Ordner",
            "Drucker",
            "Vertrag",
            "Rechnung",
            "Gartenstühle",
            "Alte Kamera",
            "Karten",
            "Kellerschlüssel",
        ),
        *("Vorderrad", "Lampe im Flur", "Klavier", "Plakat", "Gästeliste", "Beamer", "Erster Entwurf", "Fahrplan"),
        *("Vorhänge", "Zelt", "Adressbuch", "Nähmaschine", "Backofen", "Briefkasten", "Sicherung", "Folien"),
        *("Wintermantel", "Landkarte", "Garantie", "Belege", "Noten", "Gästezimmer"),
    ),
    whom=(
        *("mit Nora", "für Jonas", "vor dem Wochenende", "fürs Studio", "mit Priya", "noch einmal", "für Mama"),
        *("auf dem Heimweg", "mit Sam", "fürs nächste Jahr", "fürs Archiv", "mit Ben", "nach den Ferien"),
        *("für den Chor", "bevor es regnet", "für Aisha", "im Büro", "mit den Nachbarn", "auf dem Dachboden"),
    ),
    daily_list="Jeden Tag",
    daily=(
        *("Vitamine nehmen", "Zehn Minuten dehnen", "Tagebuch schreiben", "Katze füttern", "Schreibtisch aufräumen"),
        *("Zwanzig Seiten lesen", "Runde durch den Park", "Cello üben", "Posteingang leeren", "Acht Gläser Wasser"),
        *("Morgen planen", "Zehn Wörter lernen", "Küche aufräumen", "Jemanden anrufen", "Vor elf ins Bett"),
        *("Ein Foto machen", "Kalt duschen", "Obst essen", "Nach dem Wetter sehen", "Fahrradschuppen abschließen"),
    ),
)

CONTENT: Final = Content(
    name="Robin Hartmann",
    language="de",
    timezone="Europe/Berlin",
    inbox=INBOX,
    deleted="Zweiten Regenschirm kaufen",
    lists=(RELAUNCH, TEAM, GROCERIES, HOUSEHOLD, BALCONY, LISBON, READING, MOVE),
    tags=(
        ("konzentriert", "#4f6bed"),
        ("telefon", "#2a9d8f"),
        ("unterwegs", "#f4a261"),
        ("wartet", "#8d99ae"),
        ("schnell", "#6a994e"),
    ),
    filters=(
        Filter("Schnell erledigt", "@schnell & !subtask", "#6a994e", "priority"),
        Filter("Arbeit diese Woche", '(overdue | 7 days) & (#"Neue Website" | #Team)', "#4f6bed", "due"),
        Filter("Wartet auf andere", "@wartet", "#8d99ae"),
        Filter("Irgendwann", "no date & !subtask & !#Einkaufen & available", "#b5838d"),
    ),
    words=WORDS,
)
