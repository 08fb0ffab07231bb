# Was Inlay sagt, auf Deutsch. Jede Nachricht von `en.ftl` mit denselben Argumenten; wer liest, wird gesiezt.


## Values: what is wrong with what was typed (`model`)

expected-type =
    Erwartet wird { $kind ->
        [text] Text
        [integer] eine ganze Zahl
        [number] eine Zahl
        [boolean] Ja oder Nein
        [date] ein Datum
        [timestamp] ein Zeitpunkt
        [choice] eine der Möglichkeiten
       *[choices] einige der Möglichkeiten
    }.
text-is-not-type =
    „{ $text }“ ist { $kind ->
        [text] kein Text
        [integer] keine ganze Zahl
        [number] keine Zahl
        [boolean] weder Ja noch Nein
        [date] kein Datum
        [timestamp] kein Zeitpunkt
        [choice] keine der Möglichkeiten
       *[choices] keine der Möglichkeiten
    }.
no-nul-character = Text darf kein NUL-Zeichen enthalten.
expected-finite-number = Erwartet wird eine endliche Zahl.
number-too-large = Diese Zahl ist zu groß.
expected-number = Erwartet wird eine Zahl.
at-most-decimals =
    { $scale ->
        [0] Erwartet wird eine ganze Zahl.
        [one] Hier wird höchstens 1 Nachkommastelle gespeichert.
       *[other] Hier werden höchstens { $scale } Nachkommastellen gespeichert.
    }
required = { $column } muss ausgefüllt werden.
at-most-characters = Höchstens { $max } Zeichen; das hier sind { $length }.
at-least-characters = Mindestens { $min } Zeichen; das hier sind { $length }.
between-numbers = Muss zwischen { $min } und { $max } liegen.
number-or-more = Muss mindestens { $min } sein.
number-or-less = Darf höchstens { $max } sein.
not-all-options = „{ $text }“ ist keines von: { $options }.
not-an-option = Wählen Sie eines von: { $options }.
time-never-was = „{ $text }“ gibt es in { $zone } nicht: Die Uhren wurden darüber hinweg vorgestellt.
time-was-twice = „{ $text }“ gab es in { $zone } zweimal, weil die Uhren zurückgestellt wurden: Fügen Sie { $first } oder { $last } an.
number-compact =
    { $size ->
        [thousand] { $number } Tsd.
        [million] { $number } Mio.
        [billion] { $number } Mrd.
       *[other] { $number } Bio.
    }
yes = Ja
no = Nein
month-year =
    { $month ->
        [1] Jan.
        [2] Feb.
        [3] März
        [4] Apr.
        [5] Mai
        [6] Juni
        [7] Juli
        [8] Aug.
        [9] Sept.
        [10] Okt.
        [11] Nov.
       *[12] Dez.
    } { $year }

## Arithmetic in a cell

sum-stray-sign = „{ $sign }“ gehört nicht hierher.
sum-divides-by-zero = Hier wird durch null geteilt.
sum-too-deep = Das sind zu viele Klammern.
sum-parenthesis-missing = Es fehlt eine „)“.
sum-expected-number = Erwartet wird eine Zahl statt „{ $sign }“.
sum-ends-early = Am Ende fehlt etwas.

## The codes of refusals: what is said when there is nothing more precise

code-RQ001 = Diese Anfrage konnte nicht gelesen werden.
code-RQ002 = Diese Anfrage ist zu groß.
code-RQ003 = Senden Sie application/json.
code-RQ004 = Diese Seite darf diese Arbeitsmappe nicht verwenden.
code-RQ005 = Hier ist nichts.
code-RQ006 = Diese Ansicht kann nicht gespeichert werden.
code-RQ007 = Dieser Kommentar kann nicht gespeichert werden.
code-AC001 = Bitte melden Sie sich wieder an.
code-AC002 = Dieses Ticket kann nicht angenommen werden.
code-AC003 = Sie dürfen das ansehen, aber nicht ändern.
code-AC004 = Das gibt es nicht, oder Sie dürfen es nicht sehen.
code-AC005 = Diese Spalte kann nicht geändert werden.
code-QY001 = Diese Spalte gibt es nicht.
code-QY002 = Dieser Filter passt nicht zu seiner Spalte.
code-QY003 = Ein Ergebnis ist zu groß, um genau angezeigt zu werden.
code-QY004 = Das sind mehr Zeilen, als eine Datei fasst; grenzen Sie sie erst mit einem Filter ein.
code-QY005 = Diese Stelle passt nicht zur Sortierung; fragen Sie die Stellen neu ab.
code-QY006 = Dieser Ausdruck passt nicht.
code-QY007 = So können Zeilen nicht gruppiert werden.
code-WB001 = Das ist kein Wert vom Typ der Spalte.
code-WB002 = Dieser Wert liegt außerhalb des Bereichs.
code-WB003 = Dieser Text ist zu lang.
code-WB004 = Das ist keine der Möglichkeiten.
code-WB005 = Hier muss ein Wert stehen.
code-WB006 = Eine Regel dieser Tabelle lehnt diesen Wert ab.
code-WB007 = Jemand hat diese Zelle inzwischen geändert.
code-WB008 = Diese Zeile gibt es nicht, oder Sie dürfen sie nicht sehen.
code-WB009 = Diese Zeile können Sie nicht ändern.
code-WB010 = Die Kennung dieses Stapels gehört zu anderem Inhalt.
code-WB011 = Dieser Stapel kann nicht übernommen werden.
code-WB012 = Der Schlüssel dieser Zeile ist leer oder nicht eindeutig, darum kann sie nicht bearbeitet werden.
code-WB013 = Nicht übernommen, weil eine andere Zelle des Stapels abgelehnt wurde.
code-WB014 = Das gibt es noch nicht.
code-WB015 = Dieser Text ist zu kurz.
code-WB016 = Dieser Text hat nicht die verlangte Form.
code-WB017 = Eine andere Zeile hat diesen Wert schon.
code-WB018 = Das ist keiner der Werte zur Auswahl.
code-WB019 = Dateien dieser Art werden hier nicht angenommen.
code-WB020 = Diese Datei ist nicht mehr da. Wählen Sie sie noch einmal.
code-IM001 = Diese Datei lässt sich nicht lesen.
code-IM002 = Diese Datei ist nicht mehr hier. Wählen Sie sie noch einmal.
code-IM003 = So können die Spalten der Datei nicht in die der Tabelle gehen.
code-IM004 = Diese Zeile hat mehr oder weniger Werte, als die Datei Spalten hat.
code-IM005 = Eine frühere Zeile der Datei betrifft dieselbe Zeile der Tabelle.
code-IM006 = Das ist kein Text in der Kodierung der Datei.
code-IM007 = Diese Datei ist zu groß.
code-WH001 = Das Warehouse ist gerade nicht erreichbar. Nichts wurde geändert.
code-WH002 = Das Warehouse konnte das nicht ausführen. Nichts wurde geändert.
code-WH003 = Das Warehouse hat keine Rolle für Sie.
code-WH004 = Das Warehouse lässt Sie das nicht lesen.
code-WH005 = Das Warehouse hat zu lange gebraucht und wurde angehalten. Nichts wurde geändert.
code-WH006 = Ob das gespeichert ist, lässt sich gerade nicht sagen. Senden Sie es noch einmal: Es wird nur einmal übernommen.
code-WH007 = Hier schreiben gerade andere. Nichts wurde geändert; versuchen Sie es noch einmal.
code-WH008 = Das Produkt, in das dieses Formular schreibt, hat nicht geantwortet. Hier wurde nichts geändert; es wird noch einmal versucht.
code-SY001 = Bei uns ist etwas schiefgegangen.
code-SY002 = Der Server ist nicht erreichbar. Ihre Änderungen bleiben hier und werden gesendet, sobald er wieder antwortet.

## Writeback: what a batch was refused for (`engine`)

who-changed-cell = { $who } hat diese Zelle inzwischen geändert.
who-changed-row = { $who } hat diese Zeile inzwischen geändert.
somebody-changed-row = Jemand hat diese Zeile inzwischen geändert.
comment-thread-gone = Diesen Kommentar gibt es nicht.
comments-at-most = Zu dieser Zeile gibt es schon { $count } Kommentare.
comment-not-own = Nur eigene Kommentare können zurückgenommen werden.
comment-names-nobody = Jemand, der genannt wird, ist nicht zu finden.
comment-length = Ein Kommentar hat 1 bis { $count } Zeichen.
view-name-length = Der Name einer Ansicht hat 1 bis { $count } Zeichen.
views-at-most = Von dieser Tabelle gibt es schon { $count } Ansichten; löschen Sie erst eine.
view-too-large = Diese Ansicht ist zu groß.
groups-at-most = Das sind mehr als { $count } Gruppen; grenzen Sie die Zeilen erst mit einem Filter ein.
row-key-incomplete = Diese Zeile hat keinen vollständigen Schlüssel, darum kann sie nicht bearbeitet werden.
row-key-not-unique = Eine andere Zeile hat denselben Schlüssel, darum kann diese nicht bearbeitet werden.

## The workbook around its elements (`app/components`)

view-only = nur zum Ansehen
status-saved = Alles gespeichert
status-saving = Wird gespeichert …
status-signed-out =
    Abgemeldet. { $edits ->
        [one] 1 Änderung
       *[other] { $edits } Änderungen
    } { $kept }; laden Sie die Seite neu, um sich anzumelden.
status-offline =
    Offline. { $edits ->
        [one] 1 Änderung, { $kept }, wird gesendet, sobald der Server antwortet.
       *[other] { $edits } Änderungen, { $kept }, werden gesendet, sobald der Server antwortet.
    }
status-attention =
    { $cells ->
        [one] 1 Zelle braucht Ihre Aufmerksamkeit.
       *[other] { $cells } Zellen brauchen Ihre Aufmerksamkeit.
    }
status-begun =
    { $rows ->
        [one] 1 neue Zeile, { $kept }; sie wird gespeichert, wenn Sie sie verlassen.
       *[other] { $rows } neue Zeilen, { $kept }.
    }
kept-in-tab = nur in diesem Tab: Ihr Browser bewahrt für diese Seite nichts auf
kept-in-browser = in diesem Browser aufbewahrt
workbook-changed = Diese Arbeitsmappe wurde geändert. Sie wird neu angezeigt, sobald nichts mehr getippt wird und alles gespeichert ist.
workbook-renewed = Diese Arbeitsmappe wurde geändert und wird neu angezeigt.
left-out-by-change = Weggelassen, weil die Arbeitsmappe geändert wurde: { $cells }.

ask-for-access = Fragen Sie die Betreuer dieser Arbeitsmappe, wenn Sie Zugang haben sollten.
reload-to-sign-in = Laden Sie die Seite neu, um sich wieder anzumelden.
tried-again = Es wird von selbst wieder versucht.
try-again = Versuchen Sie es gleich noch einmal.
narrow-or-try-again = Grenzen Sie es mit einem Filter ein oder versuchen Sie es später noch einmal.
try-again-now = Noch einmal versuchen
incident = Vorfall { $id }

all = Alle
choose = Wählen …
form-submit = Absenden
form-thanks = Danke. Es ist gespeichert.
form-not-allowed = Sie können dieses Formular nicht ausfüllen. Fragen Sie die Betreuer dieser Arbeitsmappe, wenn Sie es sollten.
form-another = Noch eines ausfüllen
form-sending = Wird gesendet …
form-waits = Bleibt hier, geht hinaus, sobald Sie online sind …
form-attention = Einige Felder brauchen Ihre Aufmerksamkeit.
form-next = Weiter
form-resumed = Das haben Sie schon begonnen; hier ist, was Sie hatten.
form-start-over = Von vorn beginnen
form-really-start-over = Wirklich von vorn beginnen?
form-back = Zurück
form-step = Schritt { $nth } von { $count }: { $title }
form-step-of = Schritt { $nth } von { $count }
form-line = Zeile { $nth }
form-add-line = Zeile hinzufügen
form-remove-line = Zeile { $nth } entfernen
form-line-added = Zeile { $nth } hinzugefügt.
form-line-removed = Zeile { $nth } entfernt.
form-line-count = { $count ->
        [one] Eine Zeile ist
       *[other] { $count } Zeilen sind
    } hier; von { $least } bis { $most } werden angenommen.
form-save = Änderungen speichern
form-unchanged = Es ist noch nichts geändert.
form-choose-row = Wählen Sie eine Zeile, um sie hier zu sehen.
form-look = Ansehen
form-number = Nummer { $number }
form-filed = Nummer { $number }, { $when }
form-closed = Sie können es nicht oder nicht mehr ändern.
form-edit = Bearbeiten
form-overtaken = { $who } hat hier { $now } eingetragen. Speichern Sie noch einmal, um Ihren Wert an die Stelle zu setzen.
form-take-theirs = { $now } übernehmen
forms-only = Diese Tabelle wird nur durch Formulare geschrieben.
somebody = Jemand
file-choose = Datei wählen
file-drop = oder hier ablegen
file-hint = { $types }, höchstens { $megabytes } MB
file-sending = { $name } wird gesendet …
file-added = { $name } ist angehängt.
file-remove = { $name } entfernen
file-save = { $name } speichern
file-not-one = Hier wird eine Datei erwartet.
file-types = Hier kann nur { $types } angehängt werden.
file-too-large = Eine Datei hat hier höchstens { $megabytes } MB.
files-too-many = Was man angehängt und noch nicht eingereicht hat, hat zusammen höchstens { $megabytes } MB.
form-mine = Was Sie eingereicht haben
form-mine-none = Sie haben noch nichts eingereicht.
form-mine-number = Nummer
form-mine-when = Wann
form-mine-more = Mehr zeigen

chart-empty = Für diese Filter gibt es nichts zu zeichnen.
chart-overfull = Dieses Bild hat Platz für { $most } Teile, und es gibt mehr. Ein Filter lässt weniger übrig; als Tabelle lassen sie sich lesen.
chart-cut = Nur die ersten { $count } Werte sind gezeichnet; es gibt mehr.
chart-reduced = Gezeichnet aus { $count } Werten: von jedem Abschnitt die Enden, Höhen und Tiefen.
pivot-total = Summe
pivot-cut = Nur die ersten { $count } Summen und Zellen sind hier; es gibt mehr. Ein Filter lässt weniger übrig.
pivot-whole = In Summen kann getippt werden, sobald alle Zellen hier sind.
pivot-keys = Pfeiltasten gehen von Zelle zu Zelle; Enter öffnet und schließt Zeilen, sortiert nach einer Spalte und tippt in eine Zelle.
pivot-keys-marks = Die Leertaste auf einem Namen oder auf einer Zelle, in die nicht getippt wird, filtert die anderen Elemente danach, mit Umschalt zusätzlich zum schon Gewählten; Escape nimmt das zurück.
pivot-sort = Nach { $name } sortieren
pivot-spread =
    { $total } auf { $count ->
        [one] 1 Zelle
       *[other] { $count } Zellen
    } verteilen
pivot-no-cells = Unter dieser Summe gibt es keine Zelle, in die getippt werden kann.
pivot-no-rule = { $total } lässt sich auf diese Zellen nicht bis zur letzten Stelle verteilen.
pivot-proportional = Anteilig
pivot-equal = Gleichmäßig
pivot-blanks = Auf leere Zellen
pivot-before = Vorher
pivot-after = Nachher
control-cut = Nur die ersten { $count } Werte sind aufgeführt; es gibt mehr.
no-data = Keine Daten.
chart-trend = Trend von { $series }
chart-average = Durchschnitt
chart-least = Kleinster Wert
chart-most = Größter Wert
chart-box =
    { $part ->
        [least] Kleinster Wert
        [lower] Unteres Viertel
        [median] Median
        [upper] Oberes Viertel
       *[most] Größter Wert
    }
chart-below-zero =
    { $count ->
        [one] Ein Wert unter null ist nicht gezeichnet.
       *[other] { $count } Werte unter null sind nicht gezeichnet.
    }
chart-years-left-out =
    { $count ->
        [one] Ein Jahr ist nicht gezeichnet.
       *[other] { $count } Jahre sind nicht gezeichnet.
    }
chart-not-on-log =
    { $count ->
        [one] Ein Wert von null oder darunter hat auf einer logarithmischen Skala keinen Platz.
       *[other] { $count } Werte von null oder darunter haben auf einer logarithmischen Skala keinen Platz.
    }
chart-facets-left-out =
    { $count ->
        [one] Ein kleines Diagramm hat keinen Platz und ist nicht gezeichnet.
       *[other] { $count } kleine Diagramme haben keinen Platz und sind nicht gezeichnet.
    }
chart-pending =
    { $count ->
        [one] Eine Eingabe ist unterwegs und noch nicht gezeichnet.
       *[other] { $count } Eingaben sind unterwegs und noch nicht gezeichnet.
    }
chart-marks = Punkte von { $chart }
chart-mark = { $place }: { $numbers }
chart-mark-number = { $measure } { $value }
chart-bar = Was im Diagramm gewählt ist
chart-way = Ebenen
chart-all = Alle
chart-go-down = Hinunter zu { $level }
chart-gone-down = { $level } von { $mark }
chart-zoom-in = Vergrößern
chart-zoom-out = Alles zeigen
chart-zoomed = Vergrößert.
chart-clear = Nichts wählen
chart-not-drawn-yet = Das Diagramm ist noch nicht gezeichnet.
marks-chosen = Gewählt: { $marks }
marks-none-chosen = Es ist nichts mehr gewählt.
legend = Legende
legend-title = Drücken schaltet aus und ein; mit Alt oder doppelt bleibt es allein
show-values = Als Tabelle zeigen
show-chart = Als Diagramm zeigen
show-rows = Zeilen zeigen
show-more =
    { $count ->
        [one] Eine weitere
       *[other] { $count } weitere
    }
full-screen = Ganzer Bildschirm
full-screen-leave = Bildschirm verlassen
save-png = Als PNG speichern
save-svg = Als SVG speichern
save-csv = Als CSV speichern
save-xlsx = Als Excel-Mappe speichern
element-tools = Mehr zu { $element }
file-made = Von { $person }, { $time }
file-column-filters =
    { $count ->
        [one] Ein Filter einer Spalte
       *[other] { $count } Filter von Spalten
    }
file-saved =
    { $count ->
        [one] Eine Zeile wurde gespeichert.
       *[other] { $count } Zeilen wurden gespeichert.
    }
file-not-saved = Die Datei konnte hier nicht erstellt werden.
picture-saved = Das Bild wurde gespeichert.
print = PDF
printed-rows = Die ersten { $count } von { $rows } Zeilen.
print-title = Diese Seite drucken oder als PDF speichern
rows-of = Zeilen von { $element }
rows-of-mark = Zeilen von { $element }: { $mark }
chart-peak = { $series } ist am höchsten bei { $place }: { $value }.
chart-summary =
    { $count ->
       *[other] { $count } Werte von { $first } bis { $last }. { $peaks }
        [one] Ein Wert, bei { $first }. { $peaks }
    }
blank-value = (leer)

## Steuerungen (`model::ControlKind`, `app/components/control`)

control-takes-true = Hier steht `true` oder nichts.
control-takes-range = Hier stehen der kleinste und der größte Wert, null für ein offenes Ende.
control-takes-days = Hier stehen der erste und der letzte Tag, null für ein offenes Ende, oder der Name einer Zeitspanne wie `last_3_months`.
control-takes-text = Hier steht ein Text von höchstens { $max } Zeichen.
control-takes-one-of = Hier steht eines von { $options }.
control-takes-one = Hier steht ein Wert.
control-ends-turned = Die erste Grenze liegt über der zweiten.
say-an-end = Geben Sie mindestens eine Grenze an.
control-problem = Steuerung `{ $control }`: { $problem }
mark-unknown = Das nimmt Punkte dieses Diagramms: die Werte, an denen jeder steht.
control-unknown = Eine Steuerung `{ $control }` gibt es hier nicht.
expr-measure-place = `@{ $name }` ist die Kennzahl `{ $measure }` und steht nur, wo eine Kennzahl stehen darf
expr-of-option = in `{ $option }`: { $problem }
filters-applied = Filter
filters-none = Keine Filter
filters-by-marks = Drücken Sie auf einen Punkt eines Diagramms oder einen Namen einer Pivottabelle, um zu sehen, was dazugehört.
filter-chip = { $label }: { $value }
filter-remove = Filter { $filter } entfernen
filters-reset = Zurücksetzen
filters-were-reset = Filter und Auswahl sind wie am Anfang.
filter-removed = { $label } filtert nicht mehr.
chosen-count = { $count } gewählt
range-from = ab { $low }
range-to = bis { $high }
range-between = { $low } bis { $high }
range-low = Von
range-high = Bis
range-is = Es gibt Werte von { $low } bis { $high }.
top-count = Die obersten { $count }
grain =
    { $unit ->
        [day] Tag
        [week] Woche
        [month] Monat
        [quarter] Quartal
        [year] Jahr
        [fiscal_quarter] Geschäftsquartal
       *[fiscal_year] Geschäftsjahr
    }
search-values = Suchen
other-days = Andere Tage

## Undo (`app/client/outbox`)

undone-but = Zurückgenommen bis auf { $left }
redone-but = Wiederholt bis auf { $left }
left-to = { $cells }; { $who } hat dort inzwischen etwas geändert.
left-to-others = { $cells }; andere haben dort inzwischen etwas geändert.
left-because = { $count }: { $reason }
left-alone = { $count }.
count-rows =
    { $count ->
        [one] 1 Zeile
       *[other] { $count } Zeilen
    }
count-cells =
    { $count ->
        [one] 1 Zelle
       *[other] { $count } Zellen
    }
nothing-deleted = Nichts wurde gelöscht: { $reason }

## Editors

nothing-fits = Nichts passt.
more-to-find = Es gibt mehr: Tippen Sie, um es zu finden.
calendar = Kalender
month-before = Monat davor
month-after = Monat danach
calendar-head = { $month } { $year }
calendar-day = { $weekday }, { $day }. { $month } { $year }
month-name =
    { $month ->
        [1] Januar
        [2] Februar
        [3] März
        [4] April
        [5] Mai
        [6] Juni
        [7] Juli
        [8] August
        [9] September
        [10] Oktober
        [11] November
       *[12] Dezember
    }
weekday =
    { $day ->
        [1] Montag
        [2] Dienstag
        [3] Mittwoch
        [4] Donnerstag
        [5] Freitag
        [6] Samstag
       *[7] Sonntag
    }
weekday-short =
    { $day ->
        [1] Mo
        [2] Di
        [3] Mi
        [4] Do
        [5] Fr
        [6] Sa
       *[7] So
    }

## The list of keys: the keys, and what they do

keys = Tasten
keys-title = Tasten (?)
keys-on-mac = Auf einem Mac tut die Befehlstaste, was hier Strg tut.

keys-go = Gehen
key-arrows = Pfeiltasten
key-arrows-does = Zur nächsten Zelle
key-edge = Strg+Pfeiltasten
key-edge-does = Ans Ende der gefüllten oder leeren Zellen
key-row-ends = Pos1, Ende
key-row-ends-does = Zur ersten oder letzten Spalte
key-table-ends = Strg+Pos1, Strg+Ende
key-table-ends-does = Zur ersten oder letzten Zelle
key-screen = Bild auf, Bild ab
key-screen-does = Eine Bildschirmseite hinauf oder hinunter; mit Alt nach links oder rechts
key-goto = Strg+G
key-goto-does = Zu einer Zeile mit ihrer Nummer
key-find = Strg+F
key-find-does = Zur nächsten Zelle mit einem Text
key-open-row = Alt+Eingabe
key-open-row-does = Öffnet die Zeile mit allen Feldern und ihrem Verlauf
key-comments = Umschalt+F2
key-comments-does = Kommentare zur Zeile
key-note = Alt+↓
key-note-does = Zu dem, was sich für eine abgelehnte oder überholte Zelle tun lässt
key-group = Alt+Umschalt+→, ←
key-group-does = Nach dieser Spalte gruppieren, nach nichts gruppieren
key-groups = Alt+Umschalt+↑, ↓
key-groups-does = Die Gruppe schließen, alle Gruppen öffnen
key-menu = Umschalt+F10
key-menu-does = Menü der Spalte: sortieren, filtern, gruppieren, fixieren, Breite ändern, verschieben, ausblenden

keys-select = Auswählen
key-extend = Umschalt mit einer davon
key-extend-does = Wählt bis dorthin aus
key-add-range = Strg+Klick
key-add-range-does = Wählt einen Bereich mehr aus
key-lines = Umschalt+Leertaste, Strg+Leertaste
key-lines-does = Ganze Zeilen, ganze Spalten
key-all = Strg+A
key-all-does = Alles
key-next-selected = Eingabe, Tab
key-next-selected-does = Geht durch die Auswahl; mit Umschalt rückwärts

keys-edit = Bearbeiten
key-edit = F2, oder einfach tippen
key-edit-does = Bearbeitet die Zelle
key-take = Eingabe, Tab
key-take-does = Übernimmt das Getippte und geht weiter
key-fill-selection = Strg+Eingabe
key-fill-selection-does = Füllt die Auswahl mit dem Getippten
key-escape = Esc
key-escape-does = Lässt die Zelle, wie sie war
key-delete = Entf
key-delete-does = Leert die Auswahl
key-fill = Strg+D, Strg+R
key-fill-does = Füllt nach unten, füllt nach rechts
key-series = Strg+Umschalt+D
key-series-does = Setzt die Reihe fort, mit der die Auswahl beginnt
key-set-all = Strg+Umschalt+Eingabe
key-set-all-does = Setzt die Spalte in allen angezeigten Zeilen
key-today = Strg+;
key-today-does = Heute
key-rows = Strg+Alt+=, Strg+Alt+−
key-rows-does = Fügt eine Zeile an, löscht die ausgewählten, wo die Tabelle das erlaubt
key-clipboard = Strg+C, Strg+X, Strg+V
key-clipboard-does = Kopieren, ausschneiden, einfügen
key-undo = Strg+Z, Strg+Y
key-undo-does = Rückgängig machen, wiederholen

## What several elements say

cancel = Abbrechen
close = Schließen
save = Speichern
edit = Bearbeiten
next = Weiter
previous = Zurück
looking = Wird gesucht …
blank = leer
column-locked = { $column } kann hier nicht geändert werden.
server-unreachable = Der Server ist nicht erreichbar.

## The grid: its foot, and what it says of itself

select-all = Alles auswählen
open-row = Zeile öffnen
open-in-form = In „{ $form }“ öffnen
open-row-keys = Alt+Eingabe
set-all-button = Alle setzen
set-all-keys = Strg+Umschalt+Eingabe
add-row = Neue Zeile
add-row-keys = Strg+Alt+=
delete-rows = Zeilen löschen
delete-rows-keys = Strg+Alt+−
no-rows = Hier gibt es keine Zeilen, die Sie sehen dürfen.
no-rows-for-filters = Keine Zeile passt zu diesen Filtern.
row-loading = Diese Zeile wird noch geladen.
types-here = { $who } tippt hier
row-gone = Diese Zeile gibt es nicht mehr.
row-locked = Diese Zeile kann nicht geändert werden.
table-read-only = Diese Tabelle ist nur zum Lesen.
counting-rows = Zeilen werden gezählt …
rows-and-selected =
    { $rows } · { $cells ->
        [one] 1 Zelle
       *[other] { $cells } Zellen
    } ausgewählt
go-to-row = Zur Zeile
go-to-row-title = Zu einer Zeile gehen (Strg+G)
sum = Summe { $value }
average = Mittelwert { $value }
min = Min { $value }
max = Max { $value }
count = Anzahl { $count }
# Was eine Summenzeile zeigt.
total-label =
    { $label ->
        [Sum] Summe
        [Avg] Mittelwert
        [Min] Min
        [Max] Max
        [Count] Anzahl
       *[other] { $label }
    }
rows-fetched = Geholte Zeilen
stop = Anhalten
stopped = Angehalten. Nichts wurde geändert.
one-column-stays = Mindestens eine Spalte bleibt.
frozen-too-wide = Diese Spalten sind zusammen zu breit, um im Blick zu bleiben.
space-switches = Die Leertaste wechselt zwischen Ja und Nein.
selected-at-most = { $count } Zellen sind ausgewählt; bis zu { $max } können auf einmal geändert oder kopiert werden.
left-read-only =
    { $cells ->
        [one] 1 schreibgeschützte Zelle blieb, wie sie war.
       *[other] { $cells } schreibgeschützte Zellen blieben, wie sie waren.
    }

## The grid: headers and the menu of a column

sorted-by = Sortiert nach { $columns }.
sorted-by-nothing = Nicht sortiert.
sorted-up = { $column } aufsteigend
sorted-down = { $column } absteigend
sort-by = Nach { $column } sortieren
filter-of = { $column } filtern
menu-of = Menü von { $column }
menu-sort-up = Aufsteigend sortieren
menu-sort-down = Absteigend sortieren
menu-then-sort-up = Dann hiernach aufsteigend
menu-then-sort-down = Dann hiernach absteigend
menu-sort-nothing = Nicht sortieren
menu-filter = Filtern …
menu-set-all = Alle setzen …
menu-group = Hiernach gruppieren
menu-group-within = Darin hiernach gruppieren
menu-close-groups = Alle Gruppen schließen
menu-open-groups = Alle Gruppen öffnen
menu-ungroup = Nicht gruppieren
menu-freeze = Bis hierher fixieren
menu-unfreeze = Nichts fixieren
menu-fit = So breit wie der Inhalt
menu-wider = Breiter
menu-narrower = Schmaler
menu-move-left = Nach links rücken
menu-move-right = Nach rechts rücken
menu-hide = { $column } ausblenden
menu-show = { $column } einblenden

## The grid: groups

grouped-by = Gruppiert nach { $column }.
grouped-already = Die Zeilen sind schon nach { $column } gruppiert.
grouped-at-most = Zeilen werden nach höchstens { $max } Spalten gruppiert.
rows-unit =
    { $count ->
        [one] Zeile
       *[other] Zeilen
    }

## The grid: filters

clear = Zurücksetzen
apply = Anwenden
comparison = Vergleich
filter-condition =
    { $condition ->
        [contains] enthält
        [equals] ist
        [at_least] ist mindestens
        [at_most] ist höchstens
        [between] ist zwischen
        [within] liegt im Zeitraum
        [blank] ist leer
        [not_blank] ist nicht leer
       *[nothing] beliebiger Wert
    }
value = Wert
and = Und
span-of-days = Zeitraum
span-today = heute
span-yesterday = gestern
span-tomorrow = morgen
span-this =
    { $period ->
        [week] diese Woche
        [month] dieser Monat
        [quarter] dieses Quartal
        [year] dieses Jahr
        [fiscal_quarter] dieses Geschäftsquartal
       *[fiscal_year] dieses Geschäftsjahr
    }
span-last-one =
    { $period ->
        [week] letzte Woche
        [month] letzter Monat
        [quarter] letztes Quartal
        [year] letztes Jahr
        [fiscal_quarter] letztes Geschäftsquartal
       *[fiscal_year] letztes Geschäftsjahr
    }
span-last =
    { $period ->
        [day] letzte { $count } Tage
        [week] letzte { $count } volle Wochen
        [month] letzte { $count } volle Monate
        [quarter] letzte { $count } volle Quartale
        [year] letzte { $count } volle Jahre
        [fiscal_quarter] letzte { $count } volle Geschäftsquartale
       *[fiscal_year] letzte { $count } volle Geschäftsjahre
    }
span-next-one =
    { $period ->
        [week] nächste Woche
        [month] nächster Monat
        [quarter] nächstes Quartal
        [year] nächstes Jahr
        [fiscal_quarter] nächstes Geschäftsquartal
       *[fiscal_year] nächstes Geschäftsjahr
    }
span-next =
    { $period ->
        [day] nächste { $count } Tage
        [week] nächste { $count } volle Wochen
        [month] nächste { $count } volle Monate
        [quarter] nächste { $count } volle Quartale
        [year] nächste { $count } volle Jahre
        [fiscal_quarter] nächste { $count } volle Geschäftsquartale
       *[fiscal_year] nächste { $count } volle Geschäftsjahre
    }
span-to-date =
    { $period ->
        [week] diese Woche bis heute
        [month] dieser Monat bis heute
        [quarter] dieses Quartal bis heute
        [year] dieses Jahr bis heute
        [fiscal_quarter] dieses Geschäftsquartal bis heute
       *[fiscal_year] dieses Geschäftsjahr bis heute
    }
find-value = Einen Wert suchen
only-these = Nur diese Werte
there-are-none = Es gibt keine.
first-of-more = Die ersten { $count } von mehr.
say-both-ends = Geben Sie beide Grenzen an.
pick-at-most = Bis zu { $max } Werte können gewählt werden.

## The grid: finding

find = Suchen
find-in-table = In dieser Tabelle suchen
not-found = Nicht gefunden
found = Zeile { $row }, { $column }
found-again = Vom anderen Ende her: Zeile { $row }, { $column }

## The grid: views

views = Ansichten
view-of-author = Wie vom Autor vorgesehen
view-yours = { $name } (Ihre)
view-shown = Ansicht { $name }.
view-save-as = Als Ansicht speichern …
view-save = Als Ansicht speichern
view-delete = { $name } löschen
view-saved = Die Ansicht { $name } ist gespeichert.
view-deleted = Die Ansicht { $name } ist gelöscht.
view-name = Name der Ansicht
view-help = Sie merkt sich Spalten, Breiten, Sortierung und Filter, nur für Sie. Eine Ihrer Ansichten mit diesem Namen wird ersetzt.

## The grid: rows that are added and deleted

row-being-added = Diese Zeile wird gerade angelegt.
row-not-added = Diese Zeile ist noch nicht angelegt: Einige ihrer Zellen brauchen Ihre Aufmerksamkeit.
delete-at-most = Bis zu { $max } Zeilen können auf einmal gelöscht werden.
deleting-rows =
    { $rows ->
        [one] 1 Zeile wird gelöscht.
       *[other] { $rows } Zeilen werden gelöscht.
    }

## The grid: copy, paste, fill and set, and their preview

copy-one-range = Kopiert wird ein Bereich auf einmal.
copy-denied = Der Browser hat das Kopieren nicht erlaubt.
copied-rows =
    { $rows ->
        [one] 1 Zeile kopiert.
       *[other] { $rows } Zeilen kopiert.
    }
paste-too-long = Das sind mehr als 10 MB Text: zu viel, um es auf einmal einzufügen.
paste-nothing = Es gibt keinen Text zum Einfügen.
paste-beyond = Dieser Block liegt außerhalb der Tabelle.
paste-at-most = Bis zu { $max } Zellen in { $rows } Zeilen können auf einmal eingefügt werden; dieser Block hat { $cells } Zellen.
paste-outside =
    { $cells ->
        [one] 1 liegt außerhalb der Tabelle.
       *[other] { $cells } liegen außerhalb der Tabelle.
    }
fits-no-row = { $keys } passt zu keiner Zeile.
fits-rows = { $keys } passt zu { $count } Zeilen; ein Filter könnte eine davon übrig lassen.
series-one-range = Eine Reihe geht über einen Bereich auf einmal.
fill-at-most = Bis zu { $max } Zellen in { $rows } Zeilen können auf einmal gefüllt werden.
fill-nothing = Hier gibt es nichts, was gefüllt werden kann.
fill-no-neighbour = Daneben gibt es keine gefüllte Spalte, an der entlang gefüllt werden könnte.
fill-neighbour-too-long = Die Spalte daneben geht über mehr als { $max } Zeilen; das sind zu viele auf einmal.
set-all-of = { $column } setzen
set-all-title =
    { $column } in { $count ->
        [one] der angezeigten Zeile
       *[other] allen { $count } angezeigten Zeilen
    } setzen auf
set-all-placeholder = ein Wert, oder = und ein Ausdruck
set-all-help = Ein Ausdruck wird für jede Zeile ausgerechnet, etwa { $example }. Spalten: { $columns }.
set-all-no-rows = Es gibt noch keine Zeilen, die gesetzt werden könnten.
set-all-at-most = { $rows } Zeilen werden angezeigt; bis zu { $max } können auf einmal gesetzt werden. Ein Filter lässt weniger übrig.
preview = Vorschau
paste = Einfügen
pasted = { $cells } Zellen eingefügt; { $same } hatten den Wert schon.
set = { $cells } Zellen gesetzt; { $same } hatten den Wert schon.
nothing-pasted = Nichts wurde eingefügt.
nothing-set = Nichts wurde gesetzt.
nothing-to-paste = Nichts einzufügen
nothing-to-set = Nichts zu setzen
paste-cells =
    { $cells ->
        [one] 1 Zelle einfügen
       *[other] { $cells } Zellen einfügen
    }
set-cells =
    { $cells ->
        [one] 1 Zelle setzen
       *[other] { $cells } Zellen setzen
    }
paste-good-cells =
    { $cells ->
        [one] Nur die 1 gute Zelle einfügen
       *[other] Nur die { $cells } guten Zellen einfügen
    }
set-good-cells =
    { $cells ->
        [one] Nur die 1 gute Zelle setzen
       *[other] Nur die { $cells } guten Zellen setzen
    }
only-troubled = Nur Zeilen, die einen Blick brauchen
what-would-change = Was sich ändern würde
cells-will-change =
    { $cells ->
        [one] 1 Zelle ändert sich.
       *[other] { $cells } Zellen ändern sich.
    }
rows-added =
    { $rows ->
        [one] 1 Zeile kommt hinzu.
       *[other] { $rows } Zeilen kommen hinzu.
    }
cells-same =
    { $cells ->
        [one] 1 hat den Wert schon.
       *[other] { $cells } haben den Wert schon.
    }
cells-refused =
    { $cells ->
        [one] 1 wird abgelehnt.
       *[other] { $cells } werden abgelehnt.
    }
cells-locked =
    { $cells ->
        [one] 1 kann hier nicht geändert werden.
       *[other] { $cells } können hier nicht geändert werden.
    }
cells-locked-in-block =
    { $cells ->
        [one] 1 kann hier nicht geändert werden und enthält etwas anderes: Liegt der Block, wo er soll?
       *[other] { $cells } können hier nicht geändert werden und enthalten etwas anderes: Liegt der Block, wo er soll?
    }
more-astray = … und { $count } mehr, die keinen Platz finden.
trial-running = Das Warehouse wird gefragt …
trial-failed = Das Warehouse konnte nicht gefragt werden: { $reason }
rows-found = Zeilen gefunden
by-edges = über die Schlüssel an den Rändern
as-it-lies = wie der Block liegt
numbers = Zahlen
dates = Daten
month-first = Monat/Tag/Jahr
day-first = Tag/Monat/Jahr
columns-at = Spalten an
tabs = Tabulatoren
commas = Kommas
semicolons = Semikolons
row = Zeile
more-rows = … und { $count } weitere Zeilen.
no-row-troubled = Keine Zeile braucht einen Blick.

## The grid: what happened to a cell

note-keys = Alt+↓ führt zu diesen Knöpfen.
discard = Verwerfen
discard-row = Zeile verwerfen
use-theirs = Fremden Wert nehmen:
keep-mine = Meinen behalten:
conflicts = Konflikte
conflicts-count = { $count } Zellen wurden inzwischen von anderen geändert.
use-all-theirs = Alle fremden nehmen
keep-all-mine = Alle meine behalten
rows-not-shown = Diese Zeilen werden gerade nicht angezeigt.

## The record panel

new-row = Neue Zeile
row-above = Zeile darüber
row-below = Zeile darunter
close-row = Die Zeile schließen
parts-of-row = Teile der Zeile
fields = Felder
history = Verlauf
comments = Kommentare
select-a-row = Wählen Sie eine Zeile, dann wird sie hier gezeigt.
row-not-saved = Diese Zeile ist noch nicht gespeichert.

history-empty = Noch niemand hat diese Zeile geändert.
older = Ältere
by-gesture =
    { $origin ->
        [paste] eingefügt
        [fill] gefüllt
        [form] über ein Formular
        [undo] zurückgenommen
        [redo] wiederholt
        [restore] wiederhergestellt
        [api] durch ein Programm
       *[grid] getippt
    }
put-row-back = Die Zeile hierauf zurücksetzen
put-value-back = { $value } wiederherstellen
put-back = Wiederhergestellt.
row-same-already = Die Zeile hat diese Werte schon.

comments-empty = Noch niemand hat etwas zu dieser Zeile gesagt.
new-comment = Neuer Kommentar
comment = Kommentieren
comment-placeholder = Sagen Sie etwas; @ nennt jemanden
answer = Antworten
settle = Erledigen
settled-by = Erledigt von { $who }, { $when }
open-again = Wieder öffnen
thread = Gespräch
take-back = Zurücknehmen
take-comment-back = Diesen Kommentar zurücknehmen
comment-taken-back = Zurückgenommen.
people = Personen

## Ausdrücke

type-name =
    { $kind ->
        [text] Text
        [integer] eine ganze Zahl
        [number] eine Zahl
        [boolean] Ja oder Nein
        [date] ein Datum
        [timestamp] ein Zeitpunkt
        [choice] eine der Möglichkeiten
       *[choices] einige der Möglichkeiten
    }
expr-attribute-place = ein Attribut von `@user` kann nur in Vergleichen und in `in` stehen
expr-not-part = `{ $what }` gehört nicht zur Sprache der Ausdrücke
expr-operator = der Operator `{ $operator }` gehört nicht zur Sprache der Ausdrücke
expr-now-place = `@now` kann hier nicht gefragt werden; das wird einmal je Sitzung entschieden
expr-unknown-name = `{ $name }` ist unbekannt; es gibt `@user.…`, `@tenant` und `@now`
expr-column-place = `{ $name }` ist eine Spalte; hier kann nur nach `@user` und `@tenant` gefragt werden
expr-needs-aggregate = die Spalte `{ $name }` muss in einer Zusammenfassung stehen, etwa `sum({ $name })`
expr-no-column = es gibt keine Spalte `{ $name }`
expr-dotted-name = ein Name mit Punkt ist `@user.attribut` oder eine Spalte einer verbundenen Quelle
expr-incomparable = { $one } und { $other } lassen sich nicht vergleichen
expr-apart = { $one } und { $other } passen hier nicht zusammen
expr-expected-condition = erwartet wird eine Bedingung, nicht: { $found }
expr-expected-number = erwartet wird eine Zahl, nicht: { $found }
expr-expected-text = erwartet wird Text, nicht: { $found }
expr-expected-date = erwartet wird ein Datum, nicht: { $found }
expr-is-not = „{ $text }“ passt nicht; erwartet wird { $expected }
expr-not-one-of = „{ $text }“ ist keine der Möglichkeiten: { $options }
expr-modulo = `%` ist für ganze Zahlen
expr-product-decimals = dieses Produkt hätte { $scale } Nachkommastellen; runden Sie erst seine Teile
expr-role-text = `@user.has_role` nimmt die Rolle als Text
expr-role-one = `@user.has_role` nimmt eine Rolle
expr-windows = `over` und `within group` gehören nicht zur Sprache der Ausdrücke
expr-filter-place = `filter` gehört zu einer Zusammenfassung, etwa `sum(x) filter (where y > 0)`
expr-percentile = `percentile` nimmt eine Zahl und einen Anteil mit höchstens vier Nachkommastellen, etwa `percentile(x, 0.95)`
expr-window-place = `{ $name }` kann hier nicht stehen; es gehört in eine Kennzahl, um ihre Zusammenfassungen herum
expr-window-of = `{ $name }` nimmt eine Zusammenfassung, etwa `{ $name }(sum(x))`
expr-plain-arguments = `{ $name }` nimmt einfache Argumente
expr-arguments = diese Argumente gehören nicht zur Sprache der Ausdrücke
expr-aggregate-place = eine Zusammenfassung kann hier nicht stehen; sie gehört in eine Kennzahl
expr-aggregate-nested = eine Zusammenfassung kann nicht in einer anderen stehen
expr-aggregate-one = eine Zusammenfassung nimmt ein Argument
expr-round-digits = `round` nimmt die Zahl der Nachkommastellen, 0 bis 18, als Zahl
expr-round-float = `round` ist für genaue Zahlen; bei Gleitkommazahlen runden die Datenbanken verschieden
expr-arity =
    { $count ->
        [one] `{ $name }` nimmt nicht 1 Argument
       *[other] `{ $name }` nimmt nicht { $count } Argumente
    }
expr-no-function = es gibt keine Funktion `{ $name }`
expr-substr-literal = `substr` nimmt hier eine Zahl ab { $least }
expr-substr-start = `substr` braucht einen Anfang
expr-unit = die Einheit ist ein Text, einer von: { $units }
expr-unexpected = `{ $token }` wird hier nicht erwartet
expr-unreadable = hier nicht lesbar ({ $detail })
expr-did-you-mean = meinten Sie `{ $near }`?
expr-problem-and-hint = { $problem } ({ $hint })
expr-at = An Zeichen { $place }: { $problem }.
expr-too-long = Ein Ausdruck hat höchstens { $max } Zeichen.
expr-gives = { $column } nimmt nur: { $takes }; das hier ergibt: { $gives }.

# How an answer came about, for whoever writes workbooks.
inspect = Wie das zustande kam
inspect-nothing = Davon ist noch nichts bekannt.
inspect-asked = Vor { $seconds } s gefragt
inspect-came-with-page = Mit der Seite gekommen, vor { $seconds } s
inspect-server = Auf dem Server
inspect-network = Unterwegs
inspect-drawing = Bis zum Bild
inspect-size = Antwort
inspect-bytes = { $bytes } Bytes
inspect-statement = { $rows ->
        [one] 1 Zeile
       *[other] { $rows } Zeilen
    } in { $ran }, nach { $waited } Warten auf eine Verbindung.
inspect-shared = Eine andere Frage hatte gerade dasselbe gefragt; dies ist ihre Antwort.
inspect-binds = Werte

# What a number is compared with.
kpi-more = { $change } mehr
kpi-less = { $change } weniger
kpi-same = Gleich viel
kpi-points = { $change } Prozentpunkte
kpi-than-before = als { $value } im Zeitraum davor
kpi-than-year-before = als { $value } ein Jahr davor
kpi-than-target = als das Ziel von { $value }
kpi-nothing-before = Nichts zum Vergleichen
kpi-no-target = Kein Ziel

## Dateien, die in Tabellen geladen werden (`engine`)

import-unreadable = Diese Datei lässt sich nicht lesen: { $why }
import-empty = In dieser Datei steht nichts.
import-unpacks-too-large = Diese Datei entpackt sich zu mehr, als eine Tabelle braucht, und wird darum nicht geöffnet.
import-line-without-end = Eine Zeile dieser Datei ist größer als { $megabytes } MB. Vielleicht ist irgendwo ein Anführungszeichen offen.
import-too-large = Dateien, die aufs Laden warten, haben zusammen höchstens { $megabytes } MB.
import-no-such-encoding = Eine Kodierung „{ $label }“ gibt es nicht.
import-no-such-column = In eine Spalte „{ $name }“ können Sie nichts laden.
import-column-twice = Zwei Spalten der Datei gehen nach „{ $label }“.
import-nothing-written = Keine der Spalten geht in eine, in die geschrieben werden kann.
import-key-missing = Zeilen werden über „{ $label }“ gefunden, und keine Spalte der Datei geht dorthin.
import-no-key = Zeilen werden über diesen Wert gefunden, und hier steht keiner.
import-ragged =
    { $values ->
        [one] Diese Zeile hat 1 Wert
       *[other] Diese Zeile hat { $values } Werte
    }, { $columns ->
        [one] die Datei hat 1 Spalte.
       *[other] die Datei hat { $columns } Spalten.
    }
import-line = Zeile
import-why = Warum sie abgelehnt wurde
import-open = Datei laden …
import-title = Datei in „{ $title }“ laden
import-hint = CSV oder Excel (XLSX). Sie sehen, was geschähe, bevor sich etwas ändert.
import-sending = { $name } ist unterwegs …
import-checking =
    { $lines ->
        [one] 1 Zeile angesehen …
       *[other] { $lines } Zeilen angesehen …
    }
import-loading =
    { $lines ->
        [one] 1 Zeile erledigt …
       *[other] { $lines } Zeilen erledigt …
    }
import-progress = Fortschritt
import-read-as = Wie sie gelesen wird
import-encoding = Kodierung
import-sheet = Blatt
import-written-as = Zahlen und Daten
import-header = Die erste Zeile hat die Namen
import-remembered = Die Spalten gehen dahin, wohin Sie sie beim letzten Mal geschickt haben.
import-columns = Wohin die Spalten gehen
import-in-file = In der Datei
import-samples = Zum Beispiel
import-goes-to = Geht nach
import-nowhere = nirgendwohin
import-column-number = Spalte { $number }
import-column-goes-to = „{ $name }“ geht nach
import-finds = Zeilen werden über { $labels } gefunden; was keine Zeile findet, wird abgelehnt.
import-rows-found-by = Geändert wird die Zeile mit dem gleichen Wert in
import-all-new = keiner: jede ist eine neue Zeile
import-check = Zeigen, was geschähe
import-inserted =
    { $rows ->
        [one] 1 neue Zeile
       *[other] { $rows } neue Zeilen
    }
import-updated =
    { $rows ->
        [one] 1 Zeile geändert
       *[other] { $rows } Zeilen geändert
    }
import-unchanged =
    { $lines ->
        [one] 1 Zeile ändert nichts
       *[other] { $lines } Zeilen ändern nichts
    }
import-refused =
    { $lines ->
        [one] 1 Zeile abgelehnt
       *[other] { $lines } Zeilen abgelehnt
    }
import-tried = { $good ->
        [one] 1 Zeile ließe sich laden
       *[other] { $good } Zeilen ließen sich laden
    }, { $bad ->
        [one] 1 würde abgelehnt.
       *[other] { $bad } würden abgelehnt.
    }
import-loaded =
    { $lines ->
        [one] 1 Zeile ist geladen.
       *[other] { $lines } Zeilen sind geladen.
    }
import-lines =
    { $lines ->
        [one] 1 Zeile
       *[other] { $lines } Zeilen
    }
import-more =
    { $lines ->
        [one] und 1 weitere Zeile
       *[other] und { $lines } weitere Zeilen
    }
import-new = neu
import-refused-lines = Abgelehnte Zeilen
import-refused-name = abgelehnt
import-save-refused = Abgelehnte Zeilen speichern
import-load-lines =
    { $lines ->
        [one] 1 Zeile laden
       *[other] { $lines } Zeilen laden
    }
import-nothing-to-load = Nichts zu laden
import-take-back = Zurücknehmen
import-taken-back =
    { $rows ->
        [one] 1 Zeile ist wieder wie vorher.
       *[other] { $rows } Zeilen sind wieder wie vorher.
    }
import-stays =
    { $rows ->
        [one] 1 Zeile bleibt: sie wurde seither geändert, oder Sie dürfen sie nicht herausnehmen.
       *[other] { $rows } Zeilen bleiben: sie wurden seither geändert, oder Sie dürfen sie nicht herausnehmen.
    }
import-stopped = Angehalten. Von der Datei bleibt nichts.
import-done = Fertig
